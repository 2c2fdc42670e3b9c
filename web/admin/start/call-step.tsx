import { useQuery } from '@tanstack/react-query'
import { LoaderCircle } from 'lucide-react'
import { useEffect, useState } from 'react'
import { read, readReport } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { Banner } from '@/ui/surface.tsx'
import type { Customer } from './customer-step.tsx'

interface Answer {
  readonly status: number
  readonly body: string
}

const shownCharacters = 2_000

/** Sends the first call through the gateway with the customer's key, and waits until it is counted. */
export function CallStep({
  customer,
  path,
  onArrived,
}: {
  customer: Customer
  path: string
  onArrived: () => void
}) {
  const [target, setTarget] = useState(path)
  const [answer, setAnswer] = useState<Answer>()
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  // Where the API has a port or a host of its own, this page may not read its answers; that the call arrived is seen all the same.
  const { data: origin = location.origin } = useQuery({ queryKey: ['start', 'origin'], queryFn: readOrigin })
  const isElsewhere = origin !== location.origin
  const address = `${origin}${target.startsWith('/') ? '' : '/'}${target}`
  const { data } = useQuery({
    queryKey: ['start', 'arrived', customer.id],
    queryFn: ({ signal }) => requestsOf(customer.id, signal),
    refetchInterval: 700,
  })
  const count = data ?? 0
  useEffect(() => {
    if (count > 0) onArrived()
  }, [count, onArrived])

  async function send(): Promise<void> {
    setBusy(true)
    setFailure(undefined)
    try {
      const response = await fetch(address, {
        headers: { authorization: `Bearer ${customer.key}` },
        credentials: 'omit',
      })
      setAnswer({ status: response.status, body: (await response.text()).slice(0, shownCharacters) })
    } catch {
      setFailure(shared.unreachable)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="text-quiet">{text.callLead}</p>
      <CodeBlock code={customer.key} label={text.copyKey} />
      <Field label={text.path}>
        {(control) => (
          <Input {...control} value={target} onChange={(event) => setTarget(event.target.value)} />
        )}
      </Field>
      <CodeBlock
        code={`curl -H "Authorization: Bearer ${customer.key}" "${address}"`}
        label={text.copyCall}
      />
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {answer !== undefined && (
        <div className="grid grid-cols-1 gap-2">
          <Banner tone={answer.status < 400 ? 'good' : 'warning'}>{text.answered(answer.status)}</Banner>
          {answer.body !== '' && <CodeBlock code={answer.body} label={shared.copy} />}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-3">
        {isElsewhere ? (
          <p className="text-quiet">{text.callElsewhere}</p>
        ) : (
          <Button look="primary" isBusy={isBusy} onClick={() => void send()}>
            {text.send}
          </Button>
        )}
        {(isElsewhere || answer !== undefined) && (
          <span role="status" className="inline-flex items-center gap-2 text-[13px] text-quiet">
            <LoaderCircle size={14} className="animate-spin" aria-hidden /> {text.waiting}
          </span>
        )}
      </div>
    </div>
  )
}

/** Where the published API answers, as its document says. */
const readOrigin = async ({ signal }: { signal: AbortSignal }): Promise<string> => {
  const { servers } = await readReport<{ readonly servers?: readonly { readonly url: string }[] }>(
    '/docs/openapi.json',
    signal,
  )
  return (servers?.[0]?.url ?? location.origin).replace(/\/+$/, '')
}

const requestsOf = async (id: string, signal: AbortSignal): Promise<number> => {
  const { rows } = await read<{ readonly rows: readonly { readonly requests: number }[] }>(
    `/admin/usage/summary?organization_id=${encodeURIComponent(id)}`,
    signal,
  )
  return rows.reduce((sum, { requests }) => sum + requests, 0)
}
