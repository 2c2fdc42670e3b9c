import type { Refusal } from '#contract/outcome.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { LimitMetrics } from '#ports/metrics.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from './current-month.ts'
import type { Grant } from './grant.ts'
import type { KeyProofs } from './key-proofs.ts'
import { type Holds, holdUnits, noHolds } from './limits/holds.ts'
import type { LimitTable } from './limits/limit-table.ts'
import { createLimiter, type LimitRefusal } from './limits/limiter.ts'
import { createPolicies } from './limits/policies.ts'
import { quotaAccount } from './limits/quota-account.ts'
import { createLimitBinder, type LimitsOf, type RequestLimits } from './limits/request-limits.ts'
import { createRecogniser, type Recognise } from './recognise.ts'
import type { RequestHead } from './request-head.ts'
import type { SnapshotHolder } from './snapshot.ts'

/** What an admitted request holds and who calls (null on a public route), or a refusal, with the limits that its headers tell. */
export type Admission =
  | { readonly ok: true; readonly grant: Grant | null; readonly holds: Holds }
  | { readonly ok: false; readonly refusal: Refusal | LimitRefusal; readonly limits: RequestLimits | null }

/** Decides whether a request may pass and takes what it costs, in one turn: no promise, no database. */
export interface Admitter {
  /** `units` is the most that the call can cost: so many are held until it is settled. */
  admit(
    rawKey: string | undefined,
    route: RouteEntry,
    units: number,
    nowMs: number,
    clientAddress: string,
  ): Admission
  /** Whether a key is let in, without counting anything: what goes on for long asks again. */
  readonly standing: Recognise
  /** Holds further units for what goes on for long; null when the quota has no more. */
  hold(grant: Grant, route: RouteEntry, units: number, nowMs: number, clientAddress: string): Holds | null
}

/** Creates the admitter of one gateway thread; all threads that are given the same table keep the limits together. */
export function createAdmitter(deps: {
  readonly snapshots: SnapshotHolder
  readonly tokenDigest: TokenDigest
  readonly currentMonth: CurrentMonth
  readonly table: LimitTable
  readonly metrics: LimitMetrics
  readonly proofs: Pick<KeyProofs, 'hashOf'>
}): Admitter {
  const { table, currentMonth, snapshots } = deps
  const account = quotaAccount(table)
  const bind = createLimitBinder({ table, policies: createPolicies(table), account, currentMonth })
  const recognise = createRecogniser({ ...deps, limitsOf: bind })
  const takeLimits = createLimiter({
    account,
    metrics: deps.metrics,
    upgradeUrl: () => snapshots.current().settings.upgradeUrl,
  })
  const publicLimits = bind(null)

  return {
    standing: recognise,
    hold(grant, route, units, nowMs, clientAddress) {
      const limits = grant.limitsOf(route, clientAddress)
      return limits === null ? noHolds : holdUnits(account, limits, units, nowMs)
    },
    admit(rawKey, route, units, nowMs, clientAddress) {
      let grant: Grant | null = null
      if (!route.isPublic) {
        const recognised = recognise(rawKey, route, nowMs, clientAddress)
        if (!recognised.ok) return { ok: false, refusal: recognised, limits: null }
        grant = recognised.grant
      }
      const limitsOf: LimitsOf = grant === null ? publicLimits : grant.limitsOf
      const limits = limitsOf(route, clientAddress)
      if (limits === null) return { ok: true, grant, holds: noHolds }
      const taken = takeLimits(limits, units, nowMs)
      return 'ok' in taken ? { ok: false, refusal: taken, limits } : { ok: true, grant, holds: taken }
    },
  }
}

/** The raw key of a request: Authorization: Bearer, else X-API-Key, else the api_key of the query. */
export function rawKeyOf(head: RequestHead, queryKey: string | undefined): string | undefined {
  return head.bearer ?? head.apiKeyHeader ?? queryKey
}
