import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { readPage } from '@/data/api.ts'
import { text as audit } from '@/text/audit.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/webhooks.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Nothing, Time } from '@/ui/show.tsx'
import { Badge, Empty, PageHeader } from '@/ui/surface.tsx'
import { useAddressFilters } from '../address-filters.ts'
import { AuditDialog, type AuditEntry, wordsOfOutcome } from './audit/audit-dialog.tsx'
import { type NameOf, useMembers, useRecordNames } from './audit/record-names.ts'
import { actionsByWords, wordsOfAction } from './audit/words.ts'

/** Who did what in the organization, for its owners and admins; the address keeps the filters. */
export function AuditPage() {
  const [filters, change] = useAddressFilters(['actor', 'action', 'from', 'until'])
  const [opened, setOpened] = useState<AuditEntry>()
  const members = useMembers()
  const query = queryOf(filters)
  const list = useInfiniteQuery({
    queryKey: ['audit', query.toString()],
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`
      return readPage<AuditEntry>(`/api/v1/audit?limit=50&${query}${cursor}`, signal)
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  const nameOf = useRecordNames(rows ?? [])
  const actions = rows?.map(({ action }) => action) ?? []
  const isFiltered = query.size > 0
  const who = (entry: AuditEntry): string => whoOf(entry, nameOf)
  return (
    <>
      <PageHeader
        title={text.audit}
        description={text.auditLead}
        actions={
          <a href={`/api/v1/audit/export?format=csv&${query}`} download="audit.csv" className={buttonClass()}>
            <Download size={15} aria-hidden /> {text.exportCsv}
          </a>
        }
      />
      <div className="mb-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Field label={text.who}>
          {(control) => (
            <Select
              {...control}
              value={filters.actor}
              onChange={(event) => change({ actor: event.target.value })}
            >
              <option value="">{text.anybody}</option>
              {filters.actor !== '' && nameOf(filters.actor) === undefined && (
                <option value={filters.actor}>{audit.formerMember}</option>
              )}
              {members.map(({ id, email }) => (
                <option key={id} value={id}>
                  {nameOf(id)} ({email})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={text.what}>
          {(control) => (
            <Select
              {...control}
              value={filters.action}
              onChange={(event) => change({ action: event.target.value })}
            >
              <option value="">{audit.anything}</option>
              {actionsByWords([...actions, ...(filters.action === '' ? [] : [filters.action])]).map(
                ([action, words]) => (
                  <option key={action} value={action}>
                    {words}
                  </option>
                ),
              )}
            </Select>
          )}
        </Field>
        {(['from', 'until'] as const).map((name) => (
          <Field key={name} label={text[name]}>
            {(control) => (
              <Input
                {...control}
                type="date"
                value={filters[name]}
                onChange={(event) => change({ [name]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty
          title={text.nothingFound}
          action={
            isFiltered && (
              <Button onClick={() => change({ actor: '', action: '', from: '', until: '' })}>
                {text.clear}
              </Button>
            )
          }
        />
      ) : (
        <DataTable
          stacks
          label={text.audit}
          rows={rows}
          rowKey={({ seq }) => String(seq)}
          onOpen={setOpened}
          columns={[
            { key: 'at', heading: text.when, cell: ({ at }) => <Time at={at} /> },
            { key: 'who', heading: text.who, cell: who },
            { key: 'what', heading: text.what, cell: ({ action }) => wordsOfAction(action) },
            {
              key: 'record',
              heading: text.record,
              cell: ({ record_id }) => nameOf(record_id ?? '') ?? <Nothing />,
            },
            {
              key: 'outcome',
              heading: text.result,
              cell: ({ outcome }) => (
                <Badge tone={outcome === 'done' ? 'good' : 'bad'}>{wordsOfOutcome(outcome)}</Badge>
              ),
            },
          ]}
        />
      )}
      {list.hasNextPage && (
        <div className="mt-3 text-center">
          <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {shared.more}
          </Button>
        </div>
      )}
      <AuditDialog
        entry={opened}
        who={opened === undefined ? '' : who(opened)}
        nameOf={nameOf}
        onClose={() => setOpened(undefined)}
      />
    </>
  )
}

const isDay = (value: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(value)

/** The filters as the server reads them; the last day is meant with all its hours. */
function queryOf(filters: Readonly<Record<'actor' | 'action' | 'from' | 'until', string>>): URLSearchParams {
  const query = new URLSearchParams()
  if (filters.actor !== '') query.set('actor', filters.actor)
  if (filters.action !== '') query.set('action', filters.action)
  if (isDay(filters.from)) query.set('from', filters.from)
  if (isDay(filters.until))
    query.set('until', new Date(Date.parse(filters.until) + 86_400_000).toISOString().slice(0, 10))
  return query
}

function whoOf({ actor_kind, actor_id, operator_id }: AuditEntry, nameOf: NameOf): string {
  if (actor_kind === 'operator') return text.operator
  if (actor_kind === 'system') return text.system
  const name = nameOf(actor_id) ?? (actor_kind === 'member' ? audit.formerMember : actor_id)
  return operator_id === null ? name : text.insteadOf(name)
}
