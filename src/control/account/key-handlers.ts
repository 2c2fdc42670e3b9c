import type { Accounts } from '#app/account/accounts.ts'
import type { KeyKeeper } from '#app/account/keys.ts'
import { successBody } from '#contract/envelope.ts'
import { accept, type Outcome, type Refusal, refuseFields } from '#contract/outcome.ts'
import type { ApiKeyRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { idempotentPost, idempotentPosts, type OnceDependencies } from '#core/channel/http/idempotent-post.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Call } from '#ports/invoke.ts'
import type { Row } from '#ports/records.ts'
import type { ControlHandler } from '../route-table.ts'
import { asMember, knownBody } from './member-request.ts'

interface KeyDependencies extends OnceDependencies {
  readonly accounts: Pick<Accounts, 'keys'>
}

const day = 24 * 60 * 60

/** The keys of an organization, by their rule. */
export function keyHandlers(deps: KeyDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'DELETE /api/v1/keys/:id': asMember(async (keeper, asked) => {
      const revoked = await deps.accounts.keys.revoke(keeper, asked.parameters['id'] ?? '')
      return revoked.ok ? dataAnswer(keyData(revoked.value)) : refusalAnswer(revoked, asked.requestId)
    }),
    'GET /api/v1/keys': asMember(async (keeper, { request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined
      const { items, next } = await deps.accounts.keys.list(keeper, cursor)
      return dataAnswer({ keys: items.map(keyData), next_cursor: next ?? null })
    }),
    'PATCH /api/v1/keys/:id': asMember(async (keeper, asked) => {
      const body = await knownBody(asked.request, ['name', 'scopes', 'allow_ips', 'limits', 'spend_cap'])
      if (!body.ok) return refusalAnswer(body, asked.requestId)
      const changes = restrictions(body.value)
      if (!changes.ok) return refusalAnswer(changes, asked.requestId)
      const kept = await deps.accounts.keys.restrict(keeper, asked.parameters['id'] ?? '', changes.value)
      return kept.ok ? dataAnswer(keyData(kept.value)) : refusalAnswer(ownNames(kept), asked.requestId)
    }),
    'POST /api/v1/keys': createHandler(deps),
    'POST /api/v1/keys/:id/rotate': rotateHandler(deps),
  }
}

function createHandler(deps: KeyDependencies): ControlHandler {
  const { keys } = deps.accounts
  return asMember(async (keeper, asked) => {
    const names = ['name', 'scopes', 'expires_at', 'allow_ips', 'subscription_id']
    const body = await knownBody(asked.request, names)
    if (!body.ok) return refusalAnswer(body, asked.requestId)
    return announced(deps, keeper, (made) =>
      idempotentPost(deps, asked, keys.creation(keeper, body.value), (result) =>
        createdAnswer(newKeyData(made(result))),
      ),
    )
  })
}

function rotateHandler(deps: KeyDependencies): ControlHandler {
  return asMember(async (keeper, asked) => {
    const body = await knownBody(asked.request, ['grace_seconds'])
    if (!body.ok) return refusalAnswer(body, asked.requestId)
    const { grace_seconds: graceSeconds = day } = body.value
    if (!isGrace(graceSeconds)) {
      const reason = `must be a whole number from 0 to ${30 * day}`
      return refusalAnswer(refuseFields([{ field: 'grace_seconds', reason }]), asked.requestId)
    }
    const calls = await deps.accounts.keys.rotation(keeper, asked.parameters['id'] ?? '', graceSeconds)
    if (!calls.ok) return refusalAnswer(calls, asked.requestId)
    const [retire, create] = calls.value
    let retired: Row | undefined
    const noted: Call = {
      ...retire,
      beforeCommit: async (_, { row }) => {
        retired = row
      },
    }
    return announced(deps, keeper, (made) =>
      idempotentPosts(deps, asked, [noted, create], (result) =>
        createdAnswer({ ...newKeyData(made(result)), replaces: keyData(retired as Row & ApiKeyRow) }),
      ),
    )
  })
}

/** Tells of the key that an answer is about, where it was made for this request. */
async function announced(
  { accounts: { keys } }: KeyDependencies,
  keeper: KeyKeeper,
  answerWith: (made: (result: InvocationResult) => NewKey) => Promise<Response>,
): Promise<Response> {
  let madeId: string | undefined
  const answer = await answerWith(({ row, once }) => {
    madeId = row.id
    // The module shows every field of a key but its digest.
    return { row: row as Row & ApiKeyRow, key: String(once['key']) }
  })
  if (madeId !== undefined && answer.status === 201) await keys.announce(keeper, madeId)
  return answer
}

const createdAnswer = (data: object) => ({
  status: 201,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(successBody(data)),
})

const isGrace = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 30 * day

/** The members of the body as the module's action calls them; no cap is null here and -1 there. */
function restrictions(body: Readonly<Record<string, unknown>>): Outcome<Readonly<Record<string, unknown>>> {
  if (body['spend_cap'] === -1)
    return refuseFields([{ field: 'spend_cap', reason: 'must be null or at least 0' }])
  const renamed = Object.entries(body).map(([field, value]) => [
    `new_${field}`,
    field === 'spend_cap' && value === null ? -1 : value,
  ])
  return accept(Object.fromEntries(renamed))
}

/** A refusal by the names of the body. */
function ownNames(refusal: Refusal): Refusal {
  const problems = refusal.details?.['errors']
  const plain = (value: unknown): unknown => (typeof value === 'string' ? value.replace(/^new_/, '') : value)
  return {
    ...refusal,
    message: refusal.message.replaceAll('new_', ''),
    ...(refusal.details === undefined
      ? {}
      : {
          details: {
            ...refusal.details,
            ...('field' in refusal.details ? { field: plain(refusal.details['field']) } : {}),
            ...(Array.isArray(problems)
              ? { errors: problems.map((one) => ({ ...one, field: plain(one.field) })) }
              : {}),
          },
        }),
  }
}

/** A key that was made just now; the secret is told this once. */
interface NewKey {
  readonly row: ApiKeyRow
  readonly key: string
}

const newKeyData = ({ row, key }: NewKey) => ({ ...keyData(row), key })

/** A key as answers show it: never its secret. */
const keyData = (row: ApiKeyRow) => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  organization_id: row.organization_id,
  user_id: row.user_id,
  scopes: row.scopes,
  allow_ips: row.allow_ips,
  limits: row.own_limits,
  spend_cap: row.spend_cap,
  replaces_id: row.replaces_id,
  is_active: row.revoked_at === null,
  created_at: row.created_at,
  expires_at: row.expires_at,
  revoked_at: row.revoked_at,
  last_used_at: row.last_used,
  leaked_at: row.leaked_at,
})
