import { type ComponentProps, lazy, Suspense } from 'react'
import type { TimeChart as Chart, ChartPoint } from './chart.tsx'
import { Skeleton } from './surface.tsx'

const TimeChart = lazy(() => import('./chart.tsx').then((found) => ({ default: found.TimeChart })))

/** A chart in a place that is kept for it until what it shows and what draws it have come: nothing around it waits or moves. */
export function LaterChart({
  points,
  height = 260,
  ...look
}: Omit<ComponentProps<typeof Chart>, 'points'> & { points: readonly ChartPoint[] | undefined }) {
  const waiting = <Skeleton style={{ height }} />
  if (points === undefined) return waiting
  return (
    <Suspense fallback={waiting}>
      <TimeChart points={points} height={height} {...look} />
    </Suspense>
  )
}
