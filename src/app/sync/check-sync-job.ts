import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'

const isMap = (map: unknown): boolean =>
  typeof map === 'object' &&
  map !== null &&
  !Array.isArray(map) &&
  Object.values(map).every((one) => typeof one === 'string' && one !== '')

/** before sync_job.create and .update: refuses schedules that never come, maps that name no columns, and data sources that are not there. */
export function createCheckSyncJob(deps: {
  readonly readRecurrence: ReadRecurrence
  /** The modules whose records are data sources. */
  readonly dataSources: readonly string[]
}): Behaviour {
  async function isThere(records: Records, name: string): Promise<boolean> {
    for (const module of deps.dataSources) {
      // A provider's module may be a user's own, which has no type of its own.
      const where = [{ field: 'name' as 'key', op: 'eq', value: name }] as const
      if ((await records.list(module as 'setting', { where, limit: 1 })).items.length > 0) return true
    }
    return false
  }

  return async ({ input, records }) => {
    const problems: FieldProblem[] = []
    const { schedule, map } = input
    if (typeof schedule === 'string' && schedule !== '') {
      const read = deps.readRecurrence(schedule)
      if (!read.ok) return read
    }
    if (map !== undefined && map !== null && !isMap(map))
      problems.push({ field: 'map', reason: 'must be an object of target columns and source columns' })
    for (const field of ['source_instance', 'target_instance']) {
      const name = input[field]
      if (typeof name === 'string' && !(await isThere(records, name)))
        problems.push({ field, reason: `there is no data source "${name}"` })
    }
    return problems.length > 0 ? refuseFields(problems) : undefined
  }
}
