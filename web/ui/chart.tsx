import { Area, Bar, CartesianGrid, ComposedChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { text } from '@/text/en.ts'
import { count } from './show.tsx'

/** One bar: a stretch of time, and what each series has in it. */
export type ChartPoint = Readonly<Record<string, number | string>> & { readonly at: string }

/** What is past the first four is everything else together, and looks like it. */
const usualColours = [
  'var(--series-1)',
  'var(--series-2)',
  'var(--series-3)',
  'var(--series-4)',
  'var(--line-strong)',
]

/** Stacked bars over time, or levels as a line. Loaded by itself, after the page around it. */
export function TimeChart({
  points,
  series,
  format,
  look = 'bars',
  height = 260,
  axisText = shortCount,
  valueText = count,
  colours = usualColours,
}: {
  points: readonly ChartPoint[]
  series: readonly string[]
  format: (at: string) => string
  look?: 'bars' | 'line'
  height?: number
  /** A value beside the axis, and in full under the pointer. */
  axisText?: (value: number) => string
  valueText?: (value: number) => string
  colours?: readonly string[]
}) {
  const colourOf = (index: number): string => colours[index % colours.length] ?? ''
  const isEmpty = points.every((point) => series.every((name) => !point[name]))
  if (isEmpty)
    return (
      <p className="grid place-content-center text-quiet" style={{ height }}>
        {text.nothingInTime}
      </p>
    )
  // One point makes no line.
  const isAlone = (name: string): boolean => points.filter((point) => point[name] !== undefined).length < 2
  return (
    <>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          data={[...points]}
          margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
          accessibilityLayer
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="at"
            tickFormatter={format}
            tick={{ fill: 'var(--quiet)', fontSize: 12 }}
            tickLine={false}
            axisLine={{ stroke: 'var(--line-strong)' }}
            minTickGap={28}
          />
          <YAxis
            allowDecimals={false}
            width="auto"
            tick={{ fill: 'var(--quiet)', fontSize: 12 }}
            tickFormatter={axisText}
            tickLine={false}
            axisLine={false}
          />
          <Tooltip
            cursor={look === 'bars' ? { fill: 'var(--raised)' } : { stroke: 'var(--line-strong)' }}
            contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
            labelFormatter={(at) => format(String(at))}
            formatter={(value, name) => [valueText(Number(value)), String(name)]}
          />
          {series.map((name, index) =>
            look === 'bars' ? (
              <Bar
                key={name}
                dataKey={name}
                stackId="all"
                fill={colourOf(index)}
                isAnimationActive={false}
                maxBarSize={36}
              />
            ) : (
              <Area
                key={name}
                dataKey={name}
                stroke={colourOf(index)}
                strokeWidth={2}
                fill={colourOf(index)}
                fillOpacity={0.12}
                dot={isAlone(name) ? { r: 3 } : false}
                connectNulls
                isAnimationActive={false}
              />
            ),
          )}
        </ComposedChart>
      </ResponsiveContainer>
      {series.length > 1 && <Legend series={series} colourOf={colourOf} />}
    </>
  )
}

/** Which colour is what. */
const Legend = ({ series, colourOf }: { series: readonly string[]; colourOf: (index: number) => string }) => (
  <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-quiet">
    {series.map((name, index) => (
      <li key={name} className="flex min-w-0 items-center gap-1.5">
        <span aria-hidden className="size-2.5 shrink-0 rounded-sm" style={{ background: colourOf(index) }} />
        <span className="truncate">{name}</span>
      </li>
    ))}
  </ul>
)

const shortCount = (value: number): string =>
  new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
