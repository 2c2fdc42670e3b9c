import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { count } from './show.tsx'

/** One bar: a stretch of time, and what each series has in it. */
export type ChartPoint = Readonly<Record<string, number | string>> & { readonly at: string }

const colours = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)']

/** Stacked bars over time. Loaded by itself, after the page around it. */
export function TimeChart({
  points,
  series,
  format,
}: {
  points: readonly ChartPoint[]
  series: readonly string[]
  format: (at: string) => string
}) {
  return (
    <ResponsiveContainer width="100%" height={260}>
      <BarChart data={[...points]} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer>
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
          width={44}
          tick={{ fill: 'var(--quiet)', fontSize: 12 }}
          tickFormatter={shortCount}
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          cursor={{ fill: 'var(--raised)' }}
          contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
          labelFormatter={(at) => format(String(at))}
          formatter={(value, name) => [count(Number(value)), String(name)]}
        />
        {series.map((name, index) => (
          <Bar
            key={name}
            dataKey={name}
            stackId="all"
            fill={colours[index % colours.length] ?? ''}
            isAnimationActive={false}
            maxBarSize={36}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  )
}

const shortCount = (value: number): string =>
  new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
