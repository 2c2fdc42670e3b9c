import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'

const isMap = (map: unknown): boolean =>
  typeof map === 'object' &&
  map !== null &&
  !Array.isArray(map) &&
  Object.values(map).every((one) => typeof one === 'string' && one !== '')

/** before sync_job.create and .update: refuses schedules that never come and maps that name no columns. */
export function createCheckSyncJob(deps: { readonly readRecurrence: ReadRecurrence }): Behaviour {
  return ({ input }) => {
    const problems: FieldProblem[] = []
    const { schedule, map } = input
    if (typeof schedule === 'string' && schedule !== '') {
      const read = deps.readRecurrence(schedule)
      if (!read.ok) return read
    }
    if (map !== undefined && map !== null && !isMap(map))
      problems.push({ field: 'map', reason: 'must be an object of target columns and source columns' })
    return problems.length > 0 ? refuseFields(problems) : undefined
  }
}
