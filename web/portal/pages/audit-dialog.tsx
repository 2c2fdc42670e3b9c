import { text as shared } from '@/text/en.ts'
import { text } from '@/text/webhooks.ts'
import { Dialog } from '@/ui/dialog.tsx'
import { Time } from '@/ui/show.tsx'

/** A line of the audit log as the server shows it. */
export interface AuditEntry {
  readonly seq: number
  readonly at: string
  readonly actor_kind: string
  readonly actor_id: string
  readonly operator_id: string | null
  readonly action: string
  readonly outcome: string
  readonly record_id: string | null
  readonly changes: Readonly<Record<string, unknown>>
  readonly request_id: string
  readonly ip: string | null
  readonly user_agent: string | null
  readonly hash: string
}

/** Everything that the log knows of one entry. */
export function AuditDialog({
  entry,
  who,
  onClose,
}: {
  entry: AuditEntry | undefined
  who: string
  onClose: () => void
}) {
  return (
    <Dialog isOpen={entry !== undefined} onClose={onClose} title={entry?.action ?? ''}>
      {entry !== undefined && (
        <div className="grid gap-4">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            <Fact name={text.who} value={`${who} (${entry.actor_id})`} />
            <dt className="text-quiet">{text.when}</dt>
            <dd>
              {entry.at} (<Time at={entry.at} />)
            </dd>
            <Fact name={text.record} value={entry.record_id} />
            <Fact name={text.result} value={entry.outcome} />
            <Fact name={text.address} value={entry.ip} />
            <Fact name={text.browser} value={entry.user_agent} />
            <Fact name={text.request} value={entry.request_id} />
            <Fact name={text.hash} value={entry.hash} />
          </dl>
          <Changes changes={entry.changes} />
        </div>
      )}
    </Dialog>
  )
}

const Fact = ({ name, value }: { name: string; value: string | null }) =>
  value === null ? null : (
    <>
      <dt className="text-quiet">{name}</dt>
      <dd className="break-all">{value}</dd>
    </>
  )

function Changes({ changes }: { changes: Readonly<Record<string, unknown>> }) {
  const rows = Object.entries(changes)
  if (rows.length === 0) return <p className="text-quiet">{text.noChanges}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section aria-label={text.changes} tabIndex={0} className="overflow-x-auto rounded-lg border">
      <table className="w-full text-left text-[13px]">
        <thead className="border-b bg-raised/60 text-quiet">
          <tr>
            {[text.field, text.before, text.after].map((heading) => (
              <th key={heading} scope="col" className="px-3 py-1.5 font-medium">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map(([field, change]) => (
            <tr key={field}>
              <td className="px-3 py-1.5">{field}</td>
              {sidesOf(change).map((side, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: always the one before and the one after
                <td key={index} className="px-3 py-1.5 font-mono break-all">
                  {side}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What a field was and is; a note of the log that is no change stands as what it is. */
function sidesOf(change: unknown): readonly [string, string] {
  if (typeof change !== 'object' || change === null) return ['', shown(change)]
  if ('is_changed' in change) return [text.hidden, text.hidden]
  const { before, after, ...rest } = change as Readonly<Record<string, unknown>>
  if (Object.keys(rest).length > 0) return ['', shown(change)]
  return [shown(before), shown(after)]
}

const shown = (value: unknown): string =>
  value === undefined || value === null
    ? '—'
    : typeof value === 'boolean'
      ? value
        ? shared.yes
        : shared.no
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value)
