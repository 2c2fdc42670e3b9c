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
  /** Why a name is not the one of a data source. */
  async function sourceProblem(records: Records, name: string): Promise<string | undefined> {
    const found: string[] = []
    for (const module of deps.dataSources) {
      // A provider's module may be a user's own, which has no type of its own.
      const { items } = await records.list(module as 'setting', {
        where: [{ field: 'name' as 'key', op: 'eq', value: name }],
        limit: 1,
      })
      if (items.length > 0) found.push(module)
    }
    if (found.length === 1) return undefined
    return found.length === 0
      ? `there is no data source "${name}"`
      : `"${name}" is the name of several data sources: ${found.join(', ')}`
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
      const reason = typeof name === 'string' ? await sourceProblem(records, name) : undefined
      if (reason !== undefined) problems.push({ field, reason })
    }
    return problems.length > 0 ? refuseFields(problems) : undefined
  }
}
