import type { ReactNode } from 'react'
import { labelOf } from '#core/schema/label.ts'
import { text as audit } from '@/text/audit.ts'
import { text as shared } from '@/text/en.ts'
import { inSentence } from '@/text/in-sentence.ts'
import { text } from '@/text/webhooks.ts'
import { Dialog } from '@/ui/dialog.tsx'
import { Time } from '@/ui/show.tsx'
import type { NameOf } from './record-names.ts'
import { wordsOfAction } from './words.ts'

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
  nameOf,
  onClose,
}: {
  entry: AuditEntry | undefined
  who: string
  nameOf: NameOf
  onClose: () => void
}) {
  return (
    <Dialog
      isOpen={entry !== undefined}
      onClose={onClose}
      title={entry === undefined ? '' : wordsOfAction(entry.action)}
    >
      {entry !== undefined && (
        <div className="grid gap-4">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            <Fact name={text.who} value={who} />
            <dt className="text-quiet">{text.when}</dt>
            <dd>
              <Time at={entry.at} isExact />
            </dd>
            <Fact name={text.record} value={nameOf(entry.record_id ?? '') ?? null} />
            <Fact name={text.result} value={wordsOfOutcome(entry.outcome)} />
            <Fact name={text.address} value={entry.ip} />
            <Fact name={text.browser} value={entry.user_agent} />
          </dl>
          <Changes changes={entry.changes} nameOf={nameOf} />
          <details>
            <summary className="cursor-pointer text-[13px] text-quiet">{audit.inLog}</summary>
            <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-[13px]">
              <Fact name={audit.action} value={entry.action} isCode />
              <Fact name={audit.actorId} value={entry.actor_id} isCode />
              <Fact name={audit.recordId} value={entry.record_id} isCode />
              <Fact name={text.when} value={entry.at} isCode />
              <Fact name={text.request} value={entry.request_id} isCode />
              <Fact name={text.hash} value={entry.hash} isCode />
            </dl>
          </details>
        </div>
      )}
    </Dialog>
  )
}

/** How an attempt ended: it was done, or why it was refused. */
export const wordsOfOutcome = (outcome: string): string =>
  outcome === 'done' ? text.done : inSentence(labelOf(outcome))

const Fact = ({ name, value, isCode = false }: { name: string; value: string | null; isCode?: boolean }) =>
  value === null ? null : (
    <>
      <dt className="text-quiet">{name}</dt>
      <dd className={isCode ? 'font-mono break-all' : 'break-words'}>{value}</dd>
    </>
  )

function Changes({ changes, nameOf }: { changes: Readonly<Record<string, unknown>>; nameOf: NameOf }) {
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
              <td className="px-3 py-1.5">{fieldName(field)}</td>
              {sidesOf(change, nameOf).map((side, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: always the one before and the one after
                <td key={index} className="px-3 py-1.5 break-words">
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

/** What people call a field; one that points to a record has that record's name. */
const fieldName = (field: string): string => labelOf(field.replace(/_id$/, ''))

/** What a field was and is; a note of the log that is no change stands as what it is. */
function sidesOf(change: unknown, nameOf: NameOf): readonly [ReactNode, ReactNode] {
  if (typeof change !== 'object' || change === null) return ['', shown(change, nameOf)]
  if ('is_changed' in change) return [text.hidden, text.hidden]
  const { before, after, ...rest } = change as Readonly<Record<string, unknown>>
  if (Object.keys(rest).length > 0) return ['', shown(change, nameOf)]
  return [shown(before, nameOf), shown(after, nameOf)]
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:/

const shown = (value: unknown, nameOf: NameOf): ReactNode =>
  value === undefined || value === null ? (
    '—'
  ) : typeof value === 'boolean' ? (
    value ? (
      shared.yes
    ) : (
      shared.no
    )
  ) : typeof value === 'object' ? (
    JSON.stringify(value)
  ) : moment.test(String(value)) ? (
    <Time at={String(value)} isExact />
  ) : (
    (nameOf(String(value)) ?? String(value))
  )
