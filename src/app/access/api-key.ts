import { type FieldProblem, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { scopeProblems } from '#domain/access/scopes.ts'
import { judgeIpRules } from '#domain/address/ip-rules.ts'
import { composeKey, isKeyShaped, shownPrefix } from '#domain/key.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { KeyHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import { limitProblems } from '../catalogue/limits.ts'
import { importProblems } from './import-key.ts'
import { keepsSlowHashes } from './renew-key-hash.ts'

const leastCharacters = 20
const ofOperators = /^(opt|ses)_/

interface IssueDeps {
  readonly ids: Ids
  readonly tokenDigest: TokenDigest
  readonly keyHash: KeyHash
}

/**
 * before api_key.create: makes the key, or takes the one that is brought, and stores its hash and recognisable beginning. A key that
 * was made is shown this once as `key`. Of a key that another system made its hash may be brought instead.
 */
export const issueApiKey =
  (deps: IssueDeps): Behaviour =>
  async (context) => {
    const { input, records } = context
    const problems = [
      ...memberProblems(context),
      ...(await ownerProblems(context)),
      ...shapeProblems(context),
      ...(await importProblems(context, deps.keyHash)),
    ]
    if (problems.length > 0) return refuseFields(problems)
    const replaced = await takeOver(context)
    if (replaced !== undefined) return replaced
    if (typeof input['key_digest'] === 'string') {
      input['hash'] = input['key_digest']
      input['prefix'] = input['key_prefix']
      return isThere(context, 'key_digest')
    }
    const brought = input['key']
    if (typeof brought === 'string') {
      if (!isKeyShaped(brought) || brought.length < leastCharacters || ofOperators.test(brought))
        return refuseFields([
          { field: 'key', reason: `must be ${leastCharacters} to 256 visible characters` },
        ])
      input['hash'] = deps.tokenDigest.digest(brought)
      input['prefix'] = shownPrefix(brought)
      return isThere(context, 'key')
    }
    const typePrefix = (await records.getBy('setting', 'key', 'auth.key_prefix'))?.value || 'ak_'
    const key = composeKey(typePrefix, deps.ids.randomHex(32))
    const isSlow = await keepsSlowHashes(records)
    input['hash'] = isSlow ? await deps.keyHash.hash(key) : deps.tokenDigest.digest(key)
    input['prefix'] = shownPrefix(key, typePrefix)
    context.revealOnce('key', key)
    return undefined
  }

/** before api_key.update: what may be changed of a key is what a new one may have. */
export const checkApiKey: Behaviour = ({ input }) => {
  const problems = listProblems(input)
  return problems.length === 0 ? undefined : refuseFields(problems)
}

/** before api_key.retire: a key that still serves ends after the grace, and never later than it would have. */
export const retireApiKey: Behaviour = ({ input, before, now }) => {
  const expiresAt = before?.['expires_at']
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.POSITIVE_INFINITY
  const isOver = typeof before?.['revoked_at'] === 'string' || end <= now
  if (isOver) return refuse('illegal_transition', 'The key has ended already', { field: 'id' })
  const graceMs = Number(input['grace_seconds'] ?? 86_400) * 1000
  input['expires_at'] = new Date(Math.min(end, now + graceMs)).toISOString()
  return undefined
}

/** A member makes keys in their own name only, and neither brings secrets nor sets limits, which could undo those of the plan. */
function memberProblems({ actor, input }: BehaviourContext): readonly FieldProblem[] {
  if (actor.kind !== 'member') return []
  const set = (field: string): boolean => input[field] !== undefined && input[field] !== null
  const problems = ['key', 'key_digest', 'key_prefix', 'limits']
    .filter(set)
    .map((field) => ({ field, reason: 'is set by operators only' }))
  if (set('user_id') && input['user_id'] !== actor.id)
    problems.push({ field: 'user_id', reason: 'must be yourself' })
  input['user_id'] = actor.id
  return problems
}

/** A key that replaces another has the limits of it and is counted with it: by rotating, nobody shakes a limit off. */
async function takeOver({ actor, input, records }: BehaviourContext): Promise<Refusal | undefined> {
  const id = input['replaces_id']
  if (typeof id !== 'string') return undefined
  const old = await records.get('api_key', id)
  const isForeign = actor.kind === 'member' && actor.role === 'member' && old?.user_id !== actor.id
  if (old === undefined || old.organization_id !== input['organization_id'] || isForeign)
    return refuseFields([{ field: 'replaces_id', reason: 'is not a key that you may replace' }])
  input['limits'] = old.limits
  input['own_limits'] = old.own_limits
  input['spend_cap'] = old.spend_cap
  input['root_id'] = old.root_id ?? old.id
  return undefined
}

async function isThere({ input, records }: BehaviourContext, field: string): Promise<Refusal | undefined> {
  return (await records.getBy('api_key', 'hash', input['hash'])) === undefined
    ? undefined
    : refuse('conflict', 'This key is there already', { field })
}

/** before api_key.revoke: a key is revoked once; the first time stays on record. */
export const checkRevoke: Behaviour = ({ before }) =>
  before?.['revoked_at'] === null || before?.['revoked_at'] === undefined
    ? undefined
    : refuse('illegal_transition', 'The key is revoked already', { field: 'revoked_at' })

/** Finds the organization of a key that names only its user, and checks that user and subscription belong to it. */
async function ownerProblems({ input, records }: BehaviourContext): Promise<FieldProblem[]> {
  const { user_id: userId, subscription_id: subscriptionId } = input
  if (
    typeof userId === 'string' &&
    (input['organization_id'] === undefined || input['organization_id'] === null)
  )
    input['organization_id'] = (await records.get('user', userId))?.organization_id
  const organizationId = input['organization_id']
  if (typeof organizationId !== 'string')
    return [{ field: 'organization_id', reason: 'is required, or a user_id with an organization' }]
  if (typeof userId === 'string') {
    const memberships = await records.list('membership', {
      where: [
        { field: 'organization_id', op: 'eq', value: organizationId },
        { field: 'user_id', op: 'eq', value: userId },
      ],
      limit: 1,
    })
    if (memberships.items.length === 0)
      return [{ field: 'user_id', reason: 'is not a member of the organization' }]
  }
  if (typeof subscriptionId !== 'string') return []
  const subscription = await records.get('subscription', subscriptionId)
  return subscription?.organization_id === organizationId
    ? []
    : [{ field: 'subscription_id', reason: 'belongs to another organization' }]
}

function shapeProblems({ input, now }: BehaviourContext): readonly FieldProblem[] {
  const { expires_at: expiresAt } = input
  const isPast = typeof expiresAt === 'string' && Date.parse(expiresAt) <= now
  const late: FieldProblem[] = isPast ? [{ field: 'expires_at', reason: 'must be in the future' }] : []
  return [...listProblems(input), ...late]
}

function listProblems(input: BehaviourContext['input']): readonly FieldProblem[] {
  const { scopes, limits, allow_ips: allowIps } = input
  const problems = [...limitProblems(limits), ...scopeProblems(scopes, true)]
  const judged = judgeIpRules(allowIps, null)
  return judged.ok ? problems : [...problems, ...judged.problems]
}
