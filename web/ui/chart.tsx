import { Area, Bar, CartesianGrid, ComposedChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
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
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart data={[...points]} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer>
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
          width={48}
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
              dot={false}
              connectNulls
              isAnimationActive={false}
            />
          ),
        )}
      </ComposedChart>
    </ResponsiveContainer>
  )
}

const shortCount = (value: number): string =>
  new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
