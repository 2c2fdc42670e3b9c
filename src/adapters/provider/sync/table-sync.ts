import type { Kysely } from 'kysely'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions, ProviderHost } from '#ports/capability/provider.ts'
import { type CopiedPage, type CopyPlan, copyPage } from './copy-page.ts'
import { createSyncStates, type SyncReport, type SyncStates } from './sync-state.ts'

type Run = NonNullable<ProviderActions<'sync'>['run']>
type Input = Parameters<Run>[0]
type Output = Awaited<ReturnType<Run>>

const mostFailures = 20
const failedEvent = 'sync.failed'

/**
 * Copies rows from a position on and keeps the position after each page. A process that is killed has at most written a page whose position
 * is not kept: the next one writes it again, by key, and finds it unchanged.
 */
export function createTableSync<T>(deps: {
  readonly db: Kysely<T>
  /** Whether operators want to hear of an event. */
  readonly wantsNotice: (event: string) => Promise<boolean>
}): OpenProviderCode<ProviderActions<'sync'>> {
  return (host) => {
    const states = createSyncStates({ db: deps.db, clock: host.clock, ids: host.ids })
    return {
      actions: {
        async run(input) {
          const plan = planOf(host, input)
          if (!plan.ok) return plan
          return input.dry_run === true
            ? dryRun(host, states, plan.value, input)
            : realRun(host, { states, wantsNotice: deps.wantsNotice }, plan.value, input)
        },
        async status({ job }) {
          const state = await states.read(job)
          if (state === undefined) return accept({ found: false })
          const { position, report } = state
          return accept({ found: true, ...watermarkOf(position), report })
        },
        reset: async ({ job }) => accept({ reset: await states.reset(job) }),
      },
    }
  }
}

const isMap = (map: unknown): map is Record<string, string> =>
  typeof map === 'object' &&
  map !== null &&
  !Array.isArray(map) &&
  Object.values(map).every((one) => typeof one === 'string')

function planOf({ capabilities }: ProviderHost, input: Input): Outcome<CopyPlan> {
  const { map } = input
  if (map !== undefined && map !== null && !isMap(map))
    return refuseFields([{ field: 'map', reason: 'must be an object of target columns and source columns' }])
  const source = capabilities.dependency('table_sync', 'source', input.source_instance)
  if (!source.ok) return source
  const target = capabilities.dependency('table_sync', 'target', input.target_instance)
  if (!target.ok) return target
  return accept({
    source: source.value,
    target: target.value,
    sourceTable: input.source_table,
    targetTable: input.target_table,
    key: input.key,
    watermark: input.watermark,
    map: isMap(map) && Object.keys(map).length > 0 ? map : undefined,
    pageSize: input.page_size ?? 500,
    isDry: input.dry_run === true,
  })
}

const empty = (now: number): SyncReport => ({
  read: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  failures: [],
  is_done: false,
  started_at: new Date(now).toISOString(),
  moved_at: new Date(now).toISOString(),
})

const added = (report: SyncReport, page: CopiedPage, now: number): SyncReport => ({
  ...report,
  read: report.read + page.read,
  inserted: report.inserted + page.inserted,
  updated: report.updated + page.updated,
  unchanged: report.unchanged + page.unchanged,
  failed: report.failed + page.failures.length,
  failures: [...report.failures, ...page.failures].slice(0, mostFailures),
  is_done: !page.hasMore,
  moved_at: new Date(now).toISOString(),
})

const watermarkOf = (position: unknown): { watermark?: string } =>
  Array.isArray(position) ? { watermark: String(position[0]) } : {}

function outputOf({ started_at: _from, moved_at: _to, ...report }: SyncReport, position: unknown): Output {
  return accept({ ...report, ...watermarkOf(position), ...(position === undefined ? {} : { position }) })
}

/** Counts what the next run would do, and leaves everything as it is. */
async function dryRun(
  { clock }: ProviderHost,
  states: SyncStates,
  plan: CopyPlan,
  input: Input,
): Promise<Output> {
  let report = empty(clock.now())
  let position = input.from ?? (await states.read(input.job))?.position
  for (let pages = 0; pages < (input.most_pages ?? Number.POSITIVE_INFINITY); pages++) {
    const page = await copyPage(plan, position)
    if (!page.ok) return page
    position = page.value.position
    report = added(report, page.value, clock.now())
    if (report.is_done) break
  }
  return outputOf(report, position)
}

/** What a run is kept by, and who decides what of it is told. */
interface RunParts {
  readonly states: SyncStates
  readonly wantsNotice: (event: string) => Promise<boolean>
}

async function realRun(
  host: ProviderHost,
  { states, wantsNotice }: RunParts,
  plan: CopyPlan,
  input: Input,
): Promise<Output> {
  const { clock } = host
  const { job } = input
  const taken = await states.take(job, empty(clock.now()))
  if (taken === undefined) return refuse('conflict', `${job} is running already`, { reason: 'running' })
  const { lease } = taken
  let { position, report } = taken.state
  // A run that was not finished goes on; its report too.
  if (report.is_done) report = empty(clock.now())
  try {
    for (let pages = 0; pages < (input.most_pages ?? Number.POSITIVE_INFINITY); pages++) {
      const page = await copyPage(plan, position)
      if (!page.ok) return page
      position = page.value.position
      report = added(report, page.value, clock.now())
      if (!(await states.move(job, lease, { position, report })))
        return refuse('conflict', `${job} was taken over by another process`, { reason: 'running' })
      if (report.is_done) break
    }
  } finally {
    await states.letGo(job, lease)
  }
  if (report.is_done && report.failed > 0 && (await wantsNotice(failedEvent))) await tell(host, job, report)
  return outputOf(report, position)
}

async function tell({ capabilities, log }: ProviderHost, job: string, report: SyncReport): Promise<void> {
  const notifier = capabilities.dependency('table_sync', 'notifier')
  const told = notifier.ok
    ? await notifier.value.call('notify', {
        event: failedEvent,
        severity: 'warning',
        title: `${report.failed} rows of ${job} could not be copied`,
        data: { job, failures: report.failures },
      })
    : notifier
  if (!told.ok) log.warn({ job, reason: told.message }, 'nobody could be told of rows that failed')
}
