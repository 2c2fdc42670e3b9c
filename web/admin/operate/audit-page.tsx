import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Download, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { call, readPage, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/operate.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Nothing, Status, Time } from '@/ui/show.tsx'
import { Banner, Empty, PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { FilterForm } from '../filter-form.tsx'
import { RecordLink } from '../module/value.tsx'
import { auditFilters } from './audit-filter.ts'
import { Changes } from './changes.tsx'
import { dottedName } from './dotted-name.ts'

interface Entry {
  readonly chain: string
  readonly seq: number
  readonly at: string
  readonly actor_kind: string
  readonly actor_id: string
  readonly action: string
  readonly outcome: string
  readonly module: string | null
  readonly record_id: string | null
  readonly request_id: string
  readonly ip: string | null
  readonly changes: unknown
}
interface Report {
  readonly is_intact: boolean
  readonly entries: number
  readonly chains: number
  readonly problems: readonly unknown[]
}

const labels: Readonly<Record<(typeof auditFilters)[number], string>> = {
  action: text.action,
  module: text.module,
  record: text.record,
  actor: text.actor,
  outcome: text.outcome,
  from: text.from,
  until: text.until,
}

const hints: Readonly<Record<string, string>> = {
  action: 'plan.update',
  module: 'plan',
  record: 'pln_…',
  actor: 'opr_…',
  outcome: 'done',
}

/** The audit log: filtered by what its address says, exported as a file, and verified from its first entry on. */
export function AuditPage() {
  const filter = useSearch({ from: '/frame/ui/audit' })
  const [shown, setShown] = useState<Entry>()
  const query = new URLSearchParams(filter as Record<string, string>).toString()
  const list = useInfiniteQuery({
    queryKey: ['audit', query],
    queryFn: ({ pageParam, signal }) =>
      readPage<Entry>(
        `/admin/audit?limit=50${query === '' ? '' : `&${query}`}${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const verify = useMutation({
    mutationFn: () => call<Report>('POST', '/admin/audit/verify', {}),
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  return (
    <>
      <PageHeader
        title={text.audit}
        description={text.auditLead}
        actions={
          <>
            <a
              className={buttonClass()}
              href={`/admin/audit/export?format=csv${query === '' ? '' : `&${query}`}`}
              download
            >
              <Download size={15} aria-hidden /> {text.exportAll}
            </a>
            <Button isBusy={verify.isPending} onClick={() => verify.mutate()}>
              <ShieldCheck size={15} aria-hidden /> {text.verify}
            </Button>
          </>
        }
      />
      {verify.data !== undefined && (
        <Banner tone={verify.data.is_intact ? 'good' : 'bad'}>
          {verify.data.is_intact
            ? text.intact(verify.data.entries, verify.data.chains)
            : text.broken(verify.data.problems.length)}
        </Banner>
      )}
      <FilterForm
        key={query}
        to="/ui/audit"
        names={auditFilters}
        filter={filter}
        labels={labels}
        hints={hints}
      />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty
          title={text.noEntries}
          action={
            query !== '' && (
              <Link to="/ui/audit" search={{}} className={buttonClass()}>
                {text.clearFilters}
              </Link>
            )
          }
        >
          {text.noEntriesHelp}
        </Empty>
      ) : (
        <DataTable
          label={text.audit}
          stacks
          rows={rows}
          rowKey={({ chain, seq }) => `${chain} ${seq}`}
          onOpen={setShown}
          columns={[
            { key: 'at', heading: text.when, cell: ({ at }) => <Time at={at} /> },
            {
              key: 'who',
              heading: text.who,
              cell: ({ actor_kind, actor_id }) =>
                actor_kind === actor_id ? actor_kind : <RecordLink id={actor_id} />,
            },
            {
              key: 'action',
              heading: text.action,
              cell: ({ action }) => <span title={action}>{dottedName(action)}</span>,
            },
            { key: 'outcome', heading: text.outcome, cell: ({ outcome }) => <Status value={outcome} /> },
            {
              key: 'record',
              heading: text.record,
              cell: ({ record_id }) => (record_id === null ? <Nothing /> : <RecordLink id={record_id} />),
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
      <Dialog
        isOpen={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={dottedName(shown?.action ?? '')}
        description={
          shown && (
            <>
              <Time at={shown.at} isExact />
              <br />
              <span className="font-mono text-xs break-all">{shared.requestId(shown.request_id)}</span>
            </>
          )
        }
      >
        {shown !== undefined && <Changes changes={shown.changes} />}
      </Dialog>
    </>
  )
}
