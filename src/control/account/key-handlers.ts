import type { Accounts } from '#app/account/accounts.ts'
import type { KeyKeeper, NewKey } from '#app/account/keys.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { ApiKeyRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'

interface KeyDependencies {
  readonly accounts: Pick<Accounts, 'keys'>
}

const signIn = refuse('unauthorized', 'Sign in first')
const day = 24 * 60 * 60

/** The keys of an organization, by their rule. */
export function keyHandlers(deps: KeyDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'DELETE /api/v1/keys/:id': answering(async (keeper, asked) => {
      const revoked = await deps.accounts.keys.revoke(keeper, asked.parameters['id'] ?? '')
      return revoked.ok ? dataAnswer(keyData(revoked.value)) : refusalAnswer(revoked, asked.requestId)
    }),
    'GET /api/v1/keys': answering(async (keeper, { request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined
      const { items, next } = await deps.accounts.keys.list(keeper, cursor)
      return dataAnswer({ keys: items.map(keyData), next_cursor: next ?? null })
    }),
    'POST /api/v1/keys': answering(async (keeper, { request, requestId }) => {
      const body = await knownBody(request, ['name', 'scopes', 'expires_at', 'allow_ips', 'subscription_id'])
      if (!body.ok) return refusalAnswer(body, requestId)
      const made = await deps.accounts.keys.create(keeper, body.value)
      return made.ok ? dataAnswer(newKeyData(made.value), { status: 201 }) : refusalAnswer(made, requestId)
    }),
    'POST /api/v1/keys/:id/rotate': answering(async (keeper, asked) => {
      const body = await knownBody(asked.request, ['grace_seconds'])
      if (!body.ok) return refusalAnswer(body, asked.requestId)
      const { grace_seconds: graceSeconds = day } = body.value
      if (!isGrace(graceSeconds)) {
        const reason = `must be a whole number from 0 to ${30 * day}`
        return refusalAnswer(refuseFields([{ field: 'grace_seconds', reason }]), asked.requestId)
      }
      const rotated = await deps.accounts.keys.rotate(keeper, asked.parameters['id'] ?? '', graceSeconds)
      if (!rotated.ok) return refusalAnswer(rotated, asked.requestId)
      const { made, retired } = rotated.value
      return dataAnswer({ ...newKeyData(made), replaces: keyData(retired) }, { status: 201 })
    }),
  }
}

const isGrace = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 30 * day

function answering(work: (keeper: KeyKeeper, asked: ControlRequest) => Promise<Response>): ControlHandler {
  return async (asked) => {
    const actor = asked.person?.actor
    return actor === undefined
      ? refusalAnswer(signIn, asked.requestId)
      : work({ actor, requestId: asked.requestId }, asked)
  }
}

async function knownBody(
  request: Request,
  names: readonly string[],
): Promise<Outcome<Readonly<Record<string, unknown>>>> {
  const body = await readBody(request)
  if (!body.ok) return body
  const unknown = Object.keys(body.value).filter((field) => !names.includes(field))
  const problems = unknown.map((field) => ({ field, reason: 'is not a known field' }))
  return problems.length > 0 ? refuseFields(problems) : accept(body.value)
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
  is_active: row.revoked_at === null,
  created_at: row.created_at,
  expires_at: row.expires_at,
  revoked_at: row.revoked_at,
  last_used_at: row.last_used,
})
