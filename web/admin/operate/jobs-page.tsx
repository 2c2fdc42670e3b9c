import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call, read } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Select } from '@/ui/field.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Known } from '@/ui/problem.tsx'
import { Nothing, Status, Time } from '@/ui/show.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { dottedName } from './dotted-name.ts'

interface Job {
  readonly job_id: string
  readonly name: string
  readonly state: 'waiting' | 'running' | 'dead'
  readonly attempt: number
  readonly attempts: number
  readonly run_at: string
  readonly error: string | null
}

interface Deed {
  readonly job: Job
  readonly isAgain: boolean
}

/** The youngest jobs; those that failed for good are tried again or deleted here. */
export function JobsPage() {
  const { state } = useSearch({ from: '/frame/ui/jobs' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const [dropping, setDropping] = useState<Job>()
  const list = useQuery({
    queryKey: ['jobs', state],
    queryFn: ({ signal }) =>
      read<readonly Job[]>(`/admin/jobs${state === undefined ? '' : `?state=${state}`}`, signal),
    refetchInterval: 5_000,
  })
  const { data } = list
  const act = useMutation({
    mutationFn: ({ job, isAgain }: Deed) =>
      isAgain
        ? call('POST', `/admin/jobs/${job.job_id}/retry`, {})
        : call('DELETE', `/admin/jobs/${job.job_id}`),
    onSuccess: (_, { isAgain }) => isAgain && say(text.queuedAgain),
    ...optimistic<readonly Job[], Deed>(client, ['jobs', state], (jobs, { job, isAgain }) =>
      isAgain
        ? jobs.map((one) => (one.job_id === job.job_id ? { ...one, state: 'waiting', error: null } : one))
        : jobs.filter(({ job_id }) => job_id !== job.job_id),
    ),
  })
  return (
    <>
      <PageHeader
        title={text.jobs}
        description={text.jobsLead}
        actions={
          <Select
            aria-label={text.state}
            className="w-auto!"
            value={state ?? ''}
            onChange={({ target: { value } }) =>
              void navigate({ to: '/ui/jobs', search: value === '' ? {} : { state: value } })
            }
          >
            <option value="">{text.all}</option>
            {(['waiting', 'running', 'dead'] as const).map((one) => (
              <option key={one} value={one}>
                {text[one]}
              </option>
            ))}
          </Select>
        }
      />
      <Known of={list}>
        {data?.length === 0 ? (
          <Empty title={text.noJobs}>{text.noJobsHelp}</Empty>
        ) : (
          <DataTable
            label={text.jobs}
            stacks
            rows={data}
            rowKey={({ job_id }) => job_id}
            columns={[
              {
                key: 'name',
                heading: text.job,
                cell: ({ name }) => <span title={name}>{dottedName(name)}</span>,
              },
              { key: 'state', heading: text.state, cell: (job) => <Status value={job.state} /> },
              {
                key: 'attempts',
                heading: text.attempts,
                isNumber: true,
                cell: ({ attempt, attempts }) => `${attempt} / ${attempts}`,
              },
              { key: 'due', heading: text.due, cell: ({ run_at }) => <Time at={run_at} /> },
              {
                key: 'error',
                heading: text.error,
                isProse: true,
                cell: ({ error }) => (error === null ? <Nothing /> : <span title={error}>{error}</span>),
              },
              {
                key: 'do',
                heading: '',
                cell: (job) =>
                  job.state === 'dead' && (
                    <span className="flex justify-end gap-2">
                      <Button size="small" onClick={() => act.mutate({ job, isAgain: true })}>
                        {text.again}
                      </Button>
                      <Button size="small" look="danger" onClick={() => setDropping(job)}>
                        {text.drop}
                      </Button>
                    </span>
                  ),
              },
            ]}
          />
        )}
      </Known>
      <ConfirmDialog
        isOpen={dropping !== undefined}
        onClose={() => setDropping(undefined)}
        onConfirm={() => {
          if (dropping !== undefined) act.mutate({ job: dropping, isAgain: false })
          setDropping(undefined)
        }}
        title={text.dropTitle(dottedName(dropping?.name ?? ''))}
        verb={text.drop}
        typed={dropping?.name ?? ''}
      >
        {text.dropHelp}
      </ConfirmDialog>
    </>
  )
}
