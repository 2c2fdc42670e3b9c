import { type Refusal, refuse } from '#contract/outcome.ts'
import { bearerToken, isKeyShaped } from '#domain/key.ts'
import type { QuotaCounter } from '#domain/limit/quota.ts'
import { fullBucket, type TokenBucket } from '#domain/limit/token-bucket.ts'
import { servedRefusal } from '#domain/subscription-standing.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { KeyEntry, PlanEntry, Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from './current-month.ts'
import type { Grant } from './grant.ts'
import type { LimitRefusal, Policy } from './policies/policy.ts'
import type { RequestHead } from './request-head.ts'
import type { SnapshotHolder } from './snapshot.ts'
import { detached } from './wire/detached.ts'

/** A grant, or a refusal; a refusal by a limit carries the grant, so that its headers can be shown. */
export type Admission =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly refusal: Refusal | LimitRefusal; readonly grant?: Grant }

/** Decides whether a request may pass and takes what it costs, in one turn: no promise, no database. */
export interface Admitter {
  /**
   * `units` is the most that the call can cost: so many are held until it is settled. Without a client address (a request that is only
   * thought through) nothing is said about addresses.
   */
  admit(
    rawKey: string | undefined,
    apiId: string,
    units: number,
    nowMs: number,
    clientAddress: string | undefined,
  ): Admission
  /** The quota counter of a subscription, for settling and for filling from stored usage. */
  quotaOf(subscriptionId: string): QuotaCounter
}

/** Raw keys whose grant is remembered per API, so that a known key costs no hash; emptied by every new snapshot. */
const rememberAtMost = 20_000

/** Creates the admitter of one gateway process. */
export function createAdmitter(deps: {
  readonly snapshots: SnapshotHolder
  readonly tokenDigest: TokenDigest
  readonly currentMonth: CurrentMonth
  readonly policies: readonly Policy[]
}): Admitter {
  const buckets = new Map<string, TokenBucket>()
  const quotas = new Map<string, QuotaCounter>()
  let remembered = new Map<string, Map<string, Grant>>()
  deps.snapshots.onReplace(() => {
    remembered = new Map()
  })

  function quotaOf(subscriptionId: string): QuotaCounter {
    let quota = quotas.get(subscriptionId)
    if (quota === undefined) {
      quota = { monthStart: 0, used: 0, held: 0 }
      quotas.set(subscriptionId, quota)
    }
    return quota
  }

  function bucketOf(scopeId: string, plan: PlanEntry, nowMs: number): TokenBucket | null {
    if (plan.rateLimitPerMinute < 0) return null
    let bucket = buckets.get(scopeId)
    if (bucket === undefined) {
      bucket = fullBucket(plan.rateLimitPerMinute, nowMs)
      buckets.set(scopeId, bucket)
    }
    return bucket
  }

  function resolve(rawKey: string, apiId: string, nowMs: number): Admission {
    const snapshot = deps.snapshots.current()
    const key = isKeyShaped(rawKey) ? snapshot.keys.get(deps.tokenDigest.digest(rawKey)) : undefined
    if (key === undefined) return refused(refuse('invalid_api_key', 'This API key is not known'))
    const standing = keyStanding(snapshot, key)
    if (standing !== undefined) return refused(standing)
    const subscription = subscriptionOf(snapshot, key, apiId)
    const plan = subscription === undefined ? undefined : snapshot.plans.get(subscription.planId)
    if (subscription === undefined || plan === undefined)
      return refused(refuse('subscription_required', 'The organization has no subscription to this API'))
    const scope = plan.rateLimitScope === 'key' ? key.id : subscription.id
    const grant: Grant = {
      key,
      subscription,
      plan,
      bucket: bucketOf(scope, plan, nowMs),
      quota: quotaOf(subscription.id),
      identityLines: identityLines(key, subscription),
    }
    return { ok: true, grant }
  }

  function grantOf(rawKey: string, apiId: string, nowMs: number): Admission {
    let ofApi = remembered.get(apiId)
    const known = ofApi?.get(rawKey)
    if (known !== undefined) return { ok: true, grant: known }
    const resolved = resolve(rawKey, apiId, nowMs)
    if (!resolved.ok) return resolved
    if (ofApi === undefined) {
      ofApi = new Map()
      remembered.set(apiId, ofApi)
    } else if (ofApi.size >= rememberAtMost) ofApi.clear()
    ofApi.set(detached(rawKey), resolved.grant)
    return resolved
  }

  return {
    quotaOf,
    admit(rawKey, apiId, units, nowMs, clientAddress) {
      if (rawKey === undefined || rawKey === '')
        return refused(refuse('missing_api_key', 'Send your API key as Authorization: Bearer or X-API-Key'))
      const found = grantOf(rawKey, apiId, nowMs)
      if (!found.ok) return found
      const { grant } = found
      if (grant.key.expiresAt !== null && grant.key.expiresAt <= nowMs)
        return refused(refuse('key_expired', 'This API key has expired'))
      if (clientAddress !== undefined && grant.key.ipRules?.admits(clientAddress) === false)
        return refused(refuse('permission_denied', 'This API key may not be used from this address'))
      const unserved = servedRefusal(grant.subscription.status, grant.subscription.servedUntil, nowMs)
      if (unserved !== undefined) return refused(unserved)
      for (const policy of deps.policies) {
        const refusal = policy.check(grant, units, nowMs)
        if (refusal !== undefined) return { ok: false, refusal, grant }
      }
      for (const policy of deps.policies) policy.take(grant, units)
      return found
    },
  }
}

const refused = (refusal: Refusal): Admission => ({ ok: false, refusal })

/** The raw key of a request: Authorization: Bearer, else X-API-Key, else the api_key of the query. */
export function rawKeyOf(head: RequestHead, queryKey: string | undefined): string | undefined {
  const bearer = head.authorization === undefined ? undefined : bearerToken(head.authorization)
  return bearer ?? head.apiKeyHeader ?? queryKey
}

function keyStanding(snapshot: Snapshot, key: KeyEntry): Refusal | undefined {
  if (key.isRevoked) return refuse('key_revoked', 'This API key was revoked')
  const isActive =
    snapshot.organizations.get(key.organizationId)?.isActive === true &&
    (key.userId === null || snapshot.users.get(key.userId)?.isActive === true)
  return isActive ? undefined : refuse('account_suspended', 'The account behind this API key is not active')
}

function subscriptionOf(snapshot: Snapshot, key: KeyEntry, apiId: string): SubscriptionEntry | undefined {
  const id = key.subscriptionId ?? snapshot.subscriptionIds.get(`${key.organizationId}|${apiId}`)
  const subscription = id === undefined ? undefined : snapshot.subscriptions.get(id)
  return subscription?.apiId === apiId ? subscription : undefined
}

function identityLines(key: KeyEntry, subscription: SubscriptionEntry): string {
  const user = key.userId === null ? '' : `X-User-ID: ${key.userId}\r\n`
  return (
    `${user}X-Organization-ID: ${key.organizationId}\r\nX-Plan-ID: ${subscription.planId}\r\nX-Key-ID: ${key.id}\r\n` +
    `X-Subscription-ID: ${subscription.id}\r\nX-Consumer-ID: ${key.organizationId}\r\n`
  )
}
