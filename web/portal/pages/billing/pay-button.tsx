import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CreditCard } from 'lucide-react'
import { useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text as kept } from '@/text/methods.ts'
import { text } from '@/text/paying.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { money } from '@/ui/show.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../../session.ts'
import { type Invoice, openAmount } from './invoice.ts'
import { methodName, useMethods } from './read-methods.ts'
import { usePaymentProviders } from './read-payments.ts'

/** Leads owners to the page on which an open invoice is paid; shown where there is something to pay and a way to. */
export function PayButton({ invoice, size = 'normal' }: { invoice: Invoice; size?: 'normal' | 'small' }) {
  const providers = usePaymentProviders()
  const role = useMe()?.user.role
  const [isChoosing, setChoosing] = useState(false)
  const pay = useMutation({
    mutationFn: (provider: string | undefined) =>
      call<{ readonly checkout_url: string }>('POST', '/api/v1/billing/initiate-payment', {
        invoice_id: invoice.id,
        ...(provider === undefined ? {} : { provider }),
      }),
    onSuccess: ({ checkout_url }) => location.assign(checkout_url),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  const methods = useMethods().data?.filter(({ status }) => status === 'active') ?? []
  const client = useQueryClient()
  const charge = useMutation({
    mutationFn: (id: string) =>
      call<{ readonly status: string; readonly decline_code: string | null }>('POST', '/api/v1/billing/pay', {
        invoice_id: invoice.id,
        payment_method_id: id,
      }),
    onSuccess: ({ status, decline_code }) => {
      if (status === 'succeeded') say(kept.paidNow)
      else if (status === 'failed') say(kept.refused(decline_code ?? status), { isBad: true })
      else say(kept.onItsWay)
      setChoosing(false)
      return client.invalidateQueries({ queryKey: ['invoices'] })
    },
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  const amount = openAmount(invoice)
  const [first] = providers ?? []
  if (amount <= 0) return null
  if (role === 'admin' && size === 'normal')
    return <p className="text-[13px] text-quiet">{text.onlyOwners}</p>
  if (providers === undefined) return null
  if (first === undefined)
    return size === 'normal' ? <p className="text-[13px] text-quiet">{text.notYet}</p> : null
  // Until the browser has left, a second press would begin another payment.
  const isBusy = pay.isPending || pay.isSuccess || charge.isPending
  const words = money(amount, invoice.currency)
  return (
    <>
      <Button
        look="primary"
        size={size}
        isBusy={isBusy}
        onClick={(event) => {
          event.stopPropagation()
          if (providers.length + methods.length > 1) setChoosing(true)
          else pay.mutate(first.provider)
        }}
      >
        <CreditCard size={15} aria-hidden /> {size === 'small' ? text.pay : text.payAmount(words)}
      </Button>
      <Dialog
        isOpen={isChoosing}
        onClose={() => setChoosing(false)}
        title={text.payTitle(invoice.number ?? '')}
        description={text.payLead(words)}
      >
        <div className="grid gap-2">
          {methods.map((method) => (
            <Button
              key={method.id}
              look={method.is_default ? 'primary' : 'plain'}
              isBusy={charge.isPending && charge.variables === method.id}
              disabled={isBusy}
              onClick={() => charge.mutate(method.id)}
            >
              {kept.by(methodName(method))}
            </Button>
          ))}
          {providers.map(({ provider, is_default }) => (
            <Button
              key={provider}
              look={is_default && methods.length === 0 ? 'primary' : 'plain'}
              isBusy={isBusy && pay.variables === provider}
              disabled={isBusy}
              onClick={() => pay.mutate(provider)}
            >
              {methods.length > 0 && providers.length === 1
                ? kept.other
                : (text.providers[provider] ?? provider)}
            </Button>
          ))}
        </div>
      </Dialog>
    </>
  )
}
