import type { Refusal } from '#contract/outcome.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { PasswordHash } from '#ports/hashing.ts'

/** Keeps an operator's password as a hash only; a changed password ends every session of the operator. */
export function createHashOperatorPassword(deps: { readonly passwordHash: PasswordHash }): Behaviour {
  return async (context) => {
    const password = context.input['password']
    if (typeof password !== 'string') return undefined
    context.input['password_hash'] = await deps.passwordHash.hash(password)
    return context.before === undefined ? undefined : endSessions(context)
  }
}

async function endSessions(context: BehaviourContext): Promise<Refusal | undefined> {
  const open: string[] = []
  const mine = [{ field: 'operator_id', op: 'eq', value: context.id }] as const
  for await (const session of context.records.each('session', mine)) {
    if (session.revoked_at === null) open.push(session.id)
  }
  for (const id of open) {
    const ended = await context.invoke({ module: 'session', action: 'revoke', id })
    if (!ended.ok) return ended
  }
  return undefined
}
