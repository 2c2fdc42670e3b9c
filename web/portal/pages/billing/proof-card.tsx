import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { ApiError, wordsOf } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/copy.tsx'
import { count } from '@/ui/show.tsx'
import { Badge, Card } from '@/ui/surface.tsx'
import type { Invoice } from './invoice.ts'

/** More than this is better checked outside of a browser. */
const mostEvents = 1_000_000

/** What lets anybody count the use again: the list of its events, and the digest of that list, which the browser itself works out. */
export function ProofCard({ invoice }: { invoice: Invoice }) {
  const { id, number, event_set_hash: hash, event_count: events, units } = invoice
  const address = `/api/v1/billing/invoices/${id}/events`
  const check = useMutation({ mutationFn: async () => (await digestOf(address)) === hash })
  if (hash === null) return null
  return (
    <Card title={text.proof} description={text.proofHelp}>
      <dl className="grid gap-2">
        <div className="flex justify-between gap-4">
          <dt className="text-quiet">{text.events}</dt>
          <dd className="tabular">{count(events)}</dd>
        </div>
        <div className="flex justify-between gap-4">
          <dt className="text-quiet">{text.units}</dt>
          <dd className="tabular">{count(units)}</dd>
        </div>
        <div>
          <dt className="text-quiet">{text.hash}</dt>
          <dd className="flex items-center gap-1">
            <code className="text-[13px] break-all">{hash}</code>
            <CopyButton value={hash} />
          </dd>
        </div>
      </dl>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <a href={address} download={`${number ?? id}-events.csv`} className={buttonClass()}>
          <Download size={15} aria-hidden /> {text.downloadEvents}
        </a>
        {isSecureContext && events <= mostEvents && (
          <Button isBusy={check.isPending} onClick={() => check.mutate()}>
            {text.check}
          </Button>
        )}
        <span role="status">
          {check.isSuccess && (
            <Badge tone={check.data ? 'good' : 'bad'}>{check.data ? text.matches : text.differs}</Badge>
          )}
          {check.isError && <span className="text-danger">{wordsOf(check.error)}</span>}
        </span>
      </div>
    </Card>
  )
}

async function digestOf(address: string): Promise<string> {
  const answer = await fetch(address, { credentials: 'same-origin' })
  if (!answer.ok) throw new ApiError(answer.status, undefined)
  const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
