import type { UpstreamMetrics } from '#ports/metrics.ts'
import type { Sample } from './samples.ts'

const mostTargets = 2_000

/** Which targets of which upstreams get requests; past 2,000 targets new ones are not shown. Without one nothing is: 0 would mean down. */
export function upstreamSeries() {
  const series = new Map<string, Sample>()
  const set: UpstreamMetrics['upstreamHealth'] = (upstream, target, isUp) => {
    const key = `${target}|${upstream}`
    if (isUp === null) series.delete(key)
    else if (series.has(key) || series.size < mostTargets)
      series.set(key, { labels: { upstream, target }, value: isUp ? 1 : 0 })
  }
  return { set, samples: (): Sample[] => [...series.values()] }
}
