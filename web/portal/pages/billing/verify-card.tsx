import { useMutation } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/proof.ts'
import { Button } from '@/ui/button.tsx'
import { Banner, Card } from '@/ui/surface.tsx'
import type { Invoice } from './invoice.ts'

interface Verification {
  readonly ok: boolean
  readonly checks: readonly {
    readonly check: string
    readonly stored: string
    readonly recomputed: string
    readonly ok: boolean
  }[]
}

/** Lets the server work an invoice out again from the raw events, and says in words what came out. */
export function VerifyCard({ invoice }: { invoice: Invoice }) {
  const verify = useMutation({
    mutationFn: () => read<Verification>(`/api/v1/billing/invoices/${invoice.id}/verify`),
  })
  if (invoice.status === 'draft') return null
  return (
    <Card
      title={text.verify}
      description={text.verifyHelp}
      actions={
        <Button isBusy={verify.isPending} onClick={() => verify.mutate()}>
          {text.verifyNow}
        </Button>
      }
    >
      <div role="status">
        {verify.data === undefined ? (
          <p className="text-quiet">{verify.isError ? wordsOf(verify.error) : text.notYet}</p>
        ) : (
          <>
            <Banner tone={verify.data.ok ? 'good' : 'bad'}>
              {verify.data.ok ? text.comesOut : text.doesNot}
            </Banner>
            <ul className="grid gap-2">
              {verify.data.checks.map((check) => (
                <Row key={check.check} {...check} />
              ))}
            </ul>
          </>
        )}
      </div>
    </Card>
  )
}

function Row({ check, stored, recomputed, ok }: Verification['checks'][number]) {
  return (
    <li className="flex items-start gap-2">
      {ok ? (
        <Check size={16} aria-label={text.right} className="mt-0.5 shrink-0 text-success" />
      ) : (
        <X size={16} aria-label={text.wrong} className="mt-0.5 shrink-0 text-danger" />
      )}
      <span className="min-w-0 break-words">
        {text.checks[check] ?? check}
        {!ok && <span className="block text-[13px] text-danger">{text.instead(stored, recomputed)}</span>}
      </span>
    </li>
  )
}
