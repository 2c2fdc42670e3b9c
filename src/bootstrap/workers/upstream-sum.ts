import type { TargetStatus, UpstreamStatus } from '#ports/upstream-status.ts'

const gravity = { closed: 0, half_open: 1, open: 2 }
const badness = { up: 0, unchecked: 0, down: 1 }

/** The upstreams as several workers see them, as one list: connections are added up, and of states the worse one is told. */
export function joinUpstreams(views: readonly (readonly UpstreamStatus[])[]): readonly UpstreamStatus[] {
  const joined = new Map<string, UpstreamStatus>()
  for (const upstream of views.flat()) {
    const known = joined.get(upstream.id)
    joined.set(upstream.id, known === undefined ? upstream : joinTwo(known, upstream))
  }
  return [...joined.values()]
}

function joinTwo(one: UpstreamStatus, other: UpstreamStatus): UpstreamStatus {
  const targets = one.targets.map((target) => {
    const same = other.targets.find(({ url, index }) => url === target.url && index === target.index)
    return same === undefined ? target : joinTargets(target, same)
  })
  return { ...one, targets }
}

function joinTargets(one: TargetStatus, other: TargetStatus): TargetStatus {
  return {
    ...one,
    health: badness[other.health] > badness[one.health] ? other.health : one.health,
    breaker: gravity[other.breaker] > gravity[one.breaker] ? other.breaker : one.breaker,
    busy: one.busy + other.busy,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
  }
}
