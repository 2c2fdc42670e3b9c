import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { call } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { Select } from '@/ui/field.tsx'
import { calendarDay, count, money, Nothing } from '@/ui/show.tsx'
import type { PriceVersion } from './price-versions.tsx'

interface Rated {
  readonly currency: string
  readonly periods: readonly {
    readonly units: number
    readonly total: number
    readonly lines: readonly { readonly description: string; readonly amount: number }[]
  }[]
}

const quantities = [0, 1_000, 10_000, 50_000, 100_000, 1_000_000]

/** What a month comes to under a price, rated by the server. */
export const useRated = (price: Readonly<Record<string, unknown>>) =>
  useQuery({
    queryKey: ['price', price],
    queryFn: () => call<Rated>('POST', '/admin/plans/preview', { ...price, units: quantities }),
    placeholderData: keepPreviousData,
    retry: false,
  })

/** A price beside another one of the plan, for some quantities. */
export function PricePreview({
  rated,
  compared,
  versions,
  other,
  onCompare,
}: {
  rated: Rated | undefined
  compared: Readonly<Record<string, unknown>>
  versions: readonly PriceVersion[]
  other: string
  onCompare: (id: string) => void
}) {
  const before = useRated(compared).data
  const currency = rated?.currency ?? 'USD'
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 text-[13px] text-quiet">
        <span aria-hidden>{text.compareWith}</span>
        <Select
          aria-label={text.compareWith}
          className="h-8! w-auto!"
          value={other}
          onChange={({ target }) => onCompare(target.value)}
        >
          <option value="plan">{text.asStored}</option>
          {versions.map(({ id, version, created_at }) => (
            <option key={id} value={id}>
              {text.versionOf(version, calendarDay(created_at))}
            </option>
          ))}
        </Select>
      </div>
      <DataTable
        label={text.preview}
        stacks
        rows={rated?.periods}
        rowKey={({ units }) => String(units)}
        columns={[
          { key: 'units', heading: text.units, isNumber: true, cell: ({ units }) => <Units units={units} /> },
          { key: 'total', heading: text.total, isNumber: true, cell: ({ total }) => money(total, currency) },
          {
            key: 'before',
            heading: text.compared,
            isNumber: true,
            cell: ({ units, total }) => {
              const known = before?.periods.find((period) => period.units === units)
              if (before === undefined || known === undefined) return '—'
              const isSame = before.currency === currency
              return (
                <span className={isSame && known.total === total ? 'text-quiet' : ''}>
                  {money(known.total, before.currency)}
                  {isSame && known.total !== total && (
                    <span className="text-quiet"> {difference(total - known.total, currency)}</span>
                  )}
                </span>
              )
            },
          },
          {
            key: 'lines',
            heading: text.lines,
            isProse: true,
            cell: ({ lines }) =>
              lines.length === 0 ? (
                <Nothing />
              ) : (
                <span className="text-[13px] text-quiet">
                  {lines
                    .map(({ description, amount }) => `${description} ${money(amount, currency)}`)
                    .join(' + ')}
                </span>
              ),
          },
        ]}
      />
    </>
  )
}

/** A quantity; where rows stack no heading says what it is of. */
const Units = ({ units }: { units: number }) => (
  <span>
    {count(units)} <span className="sm:hidden">{text.unitsOf(units)}</span>
  </span>
)

const difference = (amount: number, currency: string): string =>
  `(${amount > 0 ? '+' : '−'}${money(Math.abs(amount), currency)})`
