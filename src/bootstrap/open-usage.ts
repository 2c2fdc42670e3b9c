import { join } from 'node:path'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import { exploreUsage, type UsageOverTime } from '#app/usage/explore.ts'
import { exploreLatency, type LatencyOverTime, type LatencyQuestion } from '#app/usage/explore-latency.ts'
import { forecastMonth, type MonthForecast } from '#app/usage/forecast-month.ts'
import { type UsageSummary, usageSummary } from '#app/usage/summarize.ts'
import type { UsageQuestion } from '#app/usage/usage-question.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Engine } from '#core/engine.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { createRequestFeed, type RequestFeed } from '#worker/request-feed.ts'
import { createUsageWriter } from '#worker/usage-writer.ts'
import type { Config } from './config.ts'

/** What was used: where it is stored, and what is asked about it. */
export interface Usage {
  readonly usageStore: UsageStore
  /** Usage over time; takes in what is still in the journal first. */
  exploreUsage(question: UsageQuestion): Promise<Outcome<UsageOverTime>>
  /** How long requests took; takes in what is still in the journal first. */
  exploreLatency(question: LatencyQuestion): Promise<Outcome<LatencyOverTime>>
  /** Usage and cost so far of a month; takes in what is still in the journal first. */
  usageSummary(query: { month?: string; organizationId?: string }): Promise<Outcome<UsageSummary>>
  /** What the rows of an organization's running month come to at its end, by subscription. */
  forecastMonth(
    rows: UsageSummary['rows'],
    organizationId: string,
  ): Promise<ReadonlyMap<string, MonthForecast>>
  /** The requests that are counted, for those who look on. */
  readonly requests: RequestFeed
  /** Moves what is in the journal into the usage table. */
  drainUsage(): Promise<unknown>
}

/** Opens the usage table beside the journal that it is filled from. */
export function openUsage(house: {
  readonly config: Config
  readonly database: OpenDatabase
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
}): Usage {
  const { config, database, engine, clock, log } = house
  const usageStore = createUsageStore(database.db)
  const requests = createRequestFeed()
  const writer = createUsageWriter({
    segments: openJournalSegments(join(config.dataDirectory, 'journal')),
    store: usageStore,
    clock,
    log,
    onStored: requests.note,
  })
  const asked = { usageStore, records: engine.records, clock }

  return {
    usageStore,
    requests,
    drainUsage: writer.drain,
    async exploreUsage(question) {
      await writer.drain()
      return exploreUsage(asked, question)
    },
    async exploreLatency(question) {
      await writer.drain()
      return exploreLatency(asked, question)
    },
    async usageSummary(query) {
      await writer.drain()
      return usageSummary(asked, query)
    },
    forecastMonth: (rows, organizationId) => forecastMonth(asked, rows, organizationId),
  }
}
