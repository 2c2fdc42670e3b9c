import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { SyncJobRow } from '#contract/rows.gen.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** What a run has done so far. */
export interface SyncProgress {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
  readonly failures: readonly unknown[]
  readonly is_done: boolean
  readonly watermark: string | null
}

/** How a run is done. */
export interface RunSyncOptions {
  readonly isDry?: boolean
  /** Stop after so many pages; all of them when absent. */
  readonly mostPages?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SyncProgress) => void
}

/** A sync job with where it stands; `report` is null before its first run. */
export interface SyncJobView {
  readonly name: string
  readonly enabled: boolean
  readonly schedule: string | null
  readonly watermark: string | null
  readonly report: unknown
}

/** Running synchronizations and looking at them. */
export interface SyncJobs {
  list(): Promise<readonly SyncJobView[]>
  find(name: string): Promise<Outcome<SyncJobView>>
  run(name: string, options: RunSyncOptions): Promise<Outcome<SyncProgress>>
  /** How many rows the source has; undefined where it does not tell. */
  count(name: string): Promise<number | undefined>
  /** The next run begins at the start. */
  reset(name: string): Promise<Outcome<undefined>>
}

/** A call of the provider is this many pages, so that progress is told and a stop is heard. */
const pagesOfStep = 4

type Step = SyncProgress & { readonly position?: unknown }

/** Makes what runs sync jobs, by name or id, on whichever provider is active. */
export function createSyncJobs(deps: {
  readonly records: Records
  readonly capabilities: Capabilities
  readonly invoke: Invoke
  readonly ids: Ids
}): SyncJobs {
  const { records } = deps
  const sync = () => deps.capabilities.capability('sync')
  const jobOf = async (name: string): Promise<Outcome<SyncJobRow>> => {
    const job = (await records.getBy('sync_job', 'name', name)) ?? (await records.get('sync_job', name))
    return job === undefined ? refuse('not_found', `There is no sync job "${name}"`) : accept(job)
  }
  const viewOf = async (job: SyncJobRow): Promise<Outcome<SyncJobView>> => {
    const status = await sync().status({ job: job.id })
    if (!status.ok) return status
    const { watermark = null, report = null } = status.value
    return accept({ name: job.name, enabled: job.enabled, schedule: job.schedule ?? null, watermark, report })
  }

  /** What a run did is a record, whose events everybody else hears of. A run that did its work is not undone when this fails. */
  const keep = async ({ name }: SyncJobRow, ended: SyncProgress | { readonly error: string }) => {
    const kept = await deps.invoke({
      actor: systemActor,
      requestId: deps.ids.next('req'),
      module: 'sync_run',
      action: 'create',
      input: { job: name, ...reportOf(ended) },
    })
    if (!kept.ok) throw new Fault('internal_error', `the report of a sync run was refused: ${kept.message}`)
  }

  return {
    async list() {
      const views: SyncJobView[] = []
      for await (const job of records.each('sync_job')) {
        const view = await viewOf(job)
        if (view.ok) views.push(view.value)
      }
      return views
    },
    async find(name) {
      const job = await jobOf(name)
      return job.ok ? viewOf(job.value) : job
    },
    async run(name, { isDry = false, mostPages, signal, onProgress }) {
      const job = await jobOf(name)
      if (!job.ok) return job
      let dry: Step | undefined
      for (let left = mostPages ?? Number.POSITIVE_INFINITY; ; left -= pagesOfStep) {
        if (signal?.aborted === true)
          return refuse('service_unavailable', 'The run was stopped; it goes on where it was')
        const step = await sync().run({
          ...inputOf(job.value),
          dry_run: isDry,
          most_pages: Math.min(left, pagesOfStep),
          ...(dry?.position === undefined ? {} : { from: dry.position }),
        })
        if (!step.ok) {
          if (!isDry && step.details?.['reason'] !== 'running') await keep(job.value, { error: step.message })
          return step
        }
        const one = progressOf(step.value as unknown as Step)
        // A real run keeps its own sums, a dry one nothing at all.
        dry = isDry ? { ...sum(dry, one), position: (step.value as unknown as Step).position } : undefined
        const progress = dry === undefined ? one : progressOf(dry)
        onProgress?.(progress)
        if (progress.is_done && !isDry) await keep(job.value, progress)
        if (progress.is_done || left <= pagesOfStep) return accept(progress)
      }
    },
    async count(name) {
      const job = await jobOf(name)
      if (!job.ok) return undefined
      const source = deps.capabilities.capability('data_source', { instance: job.value.source_instance })
      const counted = await source.count({ table: job.value.source_table })
      return counted.ok ? counted.value.count : undefined
    },
    async reset(name) {
      const job = await jobOf(name)
      if (!job.ok) return job
      const outcome = await sync().reset({ job: job.value.id })
      if (!outcome.ok) return outcome
      return outcome.value.reset
        ? accept(undefined)
        : refuse('conflict', `${name} is running, or has never run`)
    },
  }
}

const inputOf = (job: SyncJobRow) => ({
  job: job.id,
  source_instance: job.source_instance,
  target_instance: job.target_instance,
  source_table: job.source_table,
  target_table: job.target_table,
  key: job.key,
  watermark: job.watermark,
  page_size: job.page_size,
  ...(job.map === null || job.map === undefined ? {} : { map: job.map }),
})

const progressOf = (step: Step): SyncProgress => ({
  read: step.read,
  inserted: step.inserted,
  updated: step.updated,
  unchanged: step.unchanged,
  failed: step.failed,
  failures: step.failures,
  is_done: step.is_done,
  watermark: step.watermark ?? null,
})

const mostFailures = 20

const sum = (before: SyncProgress | undefined, next: SyncProgress): SyncProgress => ({
  ...next,
  read: (before?.read ?? 0) + next.read,
  inserted: (before?.inserted ?? 0) + next.inserted,
  updated: (before?.updated ?? 0) + next.updated,
  unchanged: (before?.unchanged ?? 0) + next.unchanged,
  failed: (before?.failed ?? 0) + next.failed,
  failures: [...(before?.failures ?? []), ...next.failures].slice(0, mostFailures),
})

/** A run with rows that did not fit has failed too: somebody has to look at it. */
function reportOf(ended: SyncProgress | { readonly error: string }): Readonly<Record<string, unknown>> {
  if ('error' in ended) return { outcome: 'failed', error: ended.error.slice(0, 500) }
  const { read, inserted, updated, unchanged, failed, failures } = ended
  const outcome = failed > 0 ? 'failed' : 'completed'
  return { outcome, read, inserted, updated, unchanged, failed, failures }
}
