import { type Refusal, refuse } from '#contract/outcome.ts'
import { missingScope } from '#domain/access/scopes.ts'
import { isKeyShaped } from '#domain/key.ts'
import { servedRefusal } from '#domain/subscription-standing.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { KeyEntry, PlanEntry, RouteEntry, Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import type { Grant } from './grant.ts'
import type { KeyProofs } from './key-proofs.ts'
import { creditOf } from './limits/prepaid-credit.ts'
import type { Caller, LimitsOf } from './limits/request-limits.ts'
import { budgetOf, routeCapsOf } from './limits/spend-cap.ts'
import type { SnapshotHolder } from './snapshot.ts'
import { detached } from './wire/detached.ts'

/**
 * Finds who calls a route with a key, and whether they may; nothing is counted yet. Without a client address (a request that is only
 * thought through) nothing is said about addresses.
 */
export type Recognise = (
  rawKey: string | undefined,
  route: Pick<RouteEntry, 'apiId' | 'scopes'>,
  nowMs: number,
  clientAddress: string | undefined,
) => { readonly ok: true; readonly grant: Grant } | Refusal

/** Raw keys whose grant is remembered per API, so that a known key costs no hash; emptied by every new snapshot. */
const rememberAtMost = 20_000

/** Creates the recognising of keys; `limitsOf` is asked once for each grant. */
export function createRecogniser(deps: {
  readonly snapshots: SnapshotHolder
  readonly tokenDigest: TokenDigest
  readonly limitsOf: (caller: Caller) => LimitsOf
  readonly proofs: Pick<KeyProofs, 'hashOf'>
}): Recognise {
  let remembered = new Map<string, Map<string, Grant>>()
  deps.snapshots.onReplace(() => {
    remembered = new Map()
  })

  function keyOf({ keys }: Snapshot, digest: string): KeyEntry | undefined {
    const hash = deps.proofs.hashOf(digest)
    return keys.get(digest) ?? (hash === undefined ? undefined : keys.get(hash))
  }

  function resolve(rawKey: string, apiId: string): Grant | Refusal {
    const snapshot = deps.snapshots.current()
    const key = isKeyShaped(rawKey) ? keyOf(snapshot, deps.tokenDigest.digest(rawKey)) : undefined
    if (key === undefined) return refuse('invalid_api_key', 'This API key is not known')
    const standing = keyStanding(snapshot, key)
    if (standing !== undefined) return standing
    const subscription = subscriptionOf(snapshot, key, apiId)
    const plan = subscription === undefined ? undefined : planOf(snapshot, subscription)
    if (subscription === undefined || plan === undefined)
      return refuse('subscription_required', 'The organization has no subscription to this API')
    const budget = budgetOf(snapshot, subscription, plan)
    const routeCaps = routeCapsOf(snapshot, subscription)
    const credit = creditOf(snapshot, subscription, plan.spend?.currency)
    const caller = { key, subscription, plan, budget, routeCaps, credit }
    return { ...caller, limitsOf: deps.limitsOf(caller), identityLines: identityLines(caller) }
  }

  function grantOf(rawKey: string, apiId: string): Grant | Refusal {
    let ofApi = remembered.get(apiId)
    const known = ofApi?.get(rawKey)
    if (known !== undefined) return known
    const resolved = resolve(rawKey, apiId)
    if ('ok' in resolved) return resolved
    if (ofApi === undefined) {
      ofApi = new Map()
      remembered.set(apiId, ofApi)
    } else if (ofApi.size >= rememberAtMost) ofApi.clear()
    ofApi.set(detached(rawKey), resolved)
    return resolved
  }

  return (rawKey, { apiId, scopes }, nowMs, clientAddress) => {
    if (rawKey === undefined || rawKey === '')
      return refuse('missing_api_key', 'Send your API key as Authorization: Bearer or X-API-Key')
    const grant = grantOf(rawKey, apiId)
    if ('ok' in grant) return grant
    if (grant.key.expiresAt !== null && grant.key.expiresAt <= nowMs)
      return refuse('key_expired', 'This API key has expired')
    if (clientAddress !== undefined && grant.key.ipRules?.admits(clientAddress) === false)
      return refuse('permission_denied', 'This API key may not be used from this address')
    if (scopes.length > 0) {
      const missing = missingScope(scopes, grant.key.scopes)
      if (missing !== undefined)
        return refuse('insufficient_scope', `This API key lacks the scope ${missing}`, { scope: missing })
    }
    const { status, servedUntil } = grant.subscription
    return servedRefusal(status, servedUntil, nowMs) ?? { ok: true, grant }
  }
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

const planOf = ({ plans }: Snapshot, { planId, priceVersionId }: SubscriptionEntry): PlanEntry | undefined =>
  (priceVersionId === null ? undefined : plans.get(priceVersionId)) ?? plans.get(planId)

function identityLines({ key, subscription, plan }: Pick<Grant, 'key' | 'subscription' | 'plan'>): string {
  const user = key.userId === null ? '' : `X-User-ID: ${key.userId}\r\n`
  return (
    `${user}X-Organization-ID: ${key.organizationId}\r\nX-Plan-ID: ${subscription.planId}\r\nX-Key-ID: ${key.id}\r\n` +
    `X-Subscription-ID: ${subscription.id}\r\nX-Consumer-ID: ${key.organizationId}\r\n${plan.entitlementLines}`
  )
}
