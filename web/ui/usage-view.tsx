import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { read } from '@/data/api.ts'
import { downloadCsv } from '@/data/csv.ts'
import { text } from '@/text/en.ts'
import { Button } from './button.tsx'
import { DataTable } from './data-table.tsx'
import { withDistinctNames } from './distinct-names.ts'
import { Figure } from './figure.tsx'
import { LaterChart } from './later-chart.tsx'
import { Known } from './problem.tsx'
import { count, dayOf } from './show.tsx'
import { Card, Empty, Skeleton } from './surface.tsx'
import { stretchOf, type UsageChoice } from './usage-choice.ts'
import { UsageControls } from './usage-controls.tsx'

interface Totals {
  readonly requests: number
  readonly units: number
  readonly errors: number
  readonly duration_ms: number
}
interface Series {
  readonly id: string | null
  readonly name: string
  readonly totals: Totals
  readonly points: readonly (Totals & { readonly at: string })[]
}
interface UsageOverTime {
  readonly granularity: 'minute' | 'hour' | 'day'
  readonly totals: Totals
  readonly series: readonly Series[]
}

const mostInChart = 4

/** Usage over time: figures, a chart, and a table that can be taken away as CSV. */
export function UsageView({
  path,
  groupings,
  choice,
  onChoose,
  narrowed = {},
  filter,
  onPick,
  toBegin,
  children,
}: {
  /** What else is asked of the address, such as whose use. */
  narrowed?: Readonly<Record<string, string>>
  /** The control of that, beside the others. */
  filter?: ReactNode
  /** Goes on with one of what is told apart. */
  onPick?: (by: string, id: string) => void
  /** What to do where nothing was used. */
  toBegin?: ReactNode
  /** What stands below. */
  children?: ReactNode
  path: string
  groupings: readonly { readonly value: string; readonly label: string }[]
  choice: UsageChoice
  onChoose: (choice: UsageChoice) => void
}) {
  const by = groupings.find(({ value }) => value === choice.by)?.value
  const stretch = stretchOf(choice, Date.now())
  const usage = useQuery({
    queryKey: ['usage', path, choice.range ?? 'month', choice.from, choice.to, by, narrowed],
    queryFn: ({ signal }) => {
      const asked = { ...stretchOf(choice, Date.now()), ...narrowed }
      const query = new URLSearchParams({ ...asked, ...(by === undefined ? {} : { group_by: by }) })
      return read<UsageOverTime>(`${path}?${query}`, signal)
    },
    select: (over) => ({ ...over, series: withDistinctNames(over.series) }),
    enabled: stretch !== undefined,
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
  const { data } = usage
  const rows = data?.series.filter(({ totals }) => totals.requests > 0)
  return (
    <div className="grid grid-cols-1 gap-5">
      <UsageControls groupings={groupings} by={by} choice={choice} onChoose={onChoose}>
        {filter}
      </UsageControls>
      <Known of={usage}>
        <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Figure label={text.requests} value={data && count(data.totals.requests)} />
          <Figure label={text.billable} value={data && count(data.totals.units)} />
          <Figure
            label={text.errors}
            value={data && `${count(data.totals.errors)} (${share(data.totals)})`}
          />
          <Figure label={text.meanDuration} value={data && mean(data.totals)} />
        </div>
        <Card
          title={text.requestsOverTime}
          description={text.inUtc}
          actions={
            <Button size="small" disabled={rows === undefined} onClick={() => download(rows ?? [])}>
              <Download size={13} aria-hidden /> CSV
            </Button>
          }
        >
          {data === undefined ? (
            <Skeleton className="h-64" />
          ) : data.totals.requests === 0 ? (
            <Empty title={text.noUsage} action={toBegin}>
              {text.noUsageHelp}
            </Empty>
          ) : (
            <Chart data={data} />
          )}
        </Card>
        {by !== undefined && (rows?.length ?? 1) > 0 && (
          <Card title={groupings.find(({ value }) => value === by)?.label}>
            <DataTable
              stacks
              label={text.usage}
              rows={rows}
              rowKey={({ id, name }) => id ?? name}
              onOpen={onPick && (({ id }) => id !== null && onPick(by, id))}
              columns={[
                {
                  key: 'name',
                  heading: text.name,
                  cell: ({ name }) => (
                    <span className="inline-flex items-center gap-2">
                      <span aria-hidden className={`size-2.5 shrink-0 rounded-xs ${swatchOf(data, name)}`} />
                      {name}
                    </span>
                  ),
                },
                {
                  key: 'requests',
                  heading: text.requests,
                  isNumber: true,
                  cell: ({ totals }) => count(totals.requests),
                },
                {
                  key: 'units',
                  heading: text.billable,
                  isNumber: true,
                  cell: ({ totals }) => count(totals.units),
                },
                {
                  key: 'errors',
                  heading: text.errors,
                  isNumber: true,
                  cell: ({ totals }) => count(totals.errors),
                },
                {
                  key: 'mean',
                  heading: text.meanDuration,
                  isNumber: true,
                  cell: ({ totals }) => mean(totals),
                },
              ]}
            />
          </Card>
        )}
      </Known>
      {children}
    </div>
  )
}

const swatches = ['bg-(--series-1)', 'bg-(--series-2)', 'bg-(--series-3)', 'bg-(--series-4)']

/** The colour that a series has in the chart; those that are drawn together share one. */
function swatchOf(data: UsageOverTime | undefined, name: string): string {
  const index = data?.series.findIndex((one) => one.name === name) ?? -1
  return swatches[index] ?? 'bg-line-strong'
}

function Chart({ data }: { data: UsageOverTime }) {
  const shown = data.series.slice(0, mostInChart)
  const rest = data.series.slice(mostInChart)
  const names = [...shown.map(({ name }) => name), ...(rest.length > 0 ? [text.others] : [])]
  const points = (shown[0]?.points ?? []).map(({ at }, index) => ({
    at,
    ...Object.fromEntries(shown.map(({ name, points }) => [name, points[index]?.requests ?? 0])),
    ...(rest.length > 0
      ? { [text.others]: rest.reduce((sum, { points }) => sum + (points[index]?.requests ?? 0), 0) }
      : {}),
  }))
  const isWithinDay = points.at(-1)?.at.slice(0, 10) === points[0]?.at.slice(0, 10)
  const format = (at: string): string => {
    if (data.granularity === 'day') return dayOf(at)
    return isWithinDay ? at.slice(11, 16) : `${dayOf(at)}, ${at.slice(11, 16)}`
  }
  return <LaterChart points={points} series={names} format={format} />
}

const share = ({ requests, errors }: Totals): string =>
  requests === 0 ? '0 %' : `${((errors / requests) * 100).toFixed(2)} %`
const mean = ({ requests, duration_ms }: Totals): string =>
  requests === 0 ? '—' : `${(duration_ms / requests).toFixed(1)} ms`

const download = (rows: readonly Series[]): void =>
  downloadCsv(
    'usage',
    ['name', 'id', 'at', 'requests', 'units', 'errors', 'duration_ms'],
    rows.flatMap(({ name, id, points }) => points.map((point) => ({ name, id, ...point }))),
  )
