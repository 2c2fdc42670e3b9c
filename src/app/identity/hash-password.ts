import { type Refusal, refuseFields } from '#contract/outcome.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { PasswordHashing } from '#ports/hashing.ts'
import { passwordKind } from '../settings/account-settings.ts'

/** Keeps a password that is written as a hash only; a hash that another system made is taken as it is, where it can be verified. */
export function createHashPassword(deps: { readonly passwordHashing: PasswordHashing }): Behaviour {
  return async ({ input, everywhere }) => {
    const { password, password_digest: brought } = input
    if (typeof brought === 'string') {
      const reason =
        password === undefined
          ? 'must be a hash of argon2id or bcrypt (cost 4 to 15)'
          : 'cannot be given together with a password'
      if (password !== undefined || !deps.passwordHashing.isKnown(brought))
        return refuseFields([{ field: 'password_digest', reason }])
      input['password_hash'] = brought
    }
    if (typeof password === 'string')
      input['password_hash'] = await deps.passwordHashing.hash(
        password,
        await passwordKind(everywhere.records),
      )
    return undefined
  }
}

/** Keeps an operator's password as a hash only; a changed password ends every session of the operator. */
export function createHashOperatorPassword(deps: { readonly passwordHashing: PasswordHashing }): Behaviour {
  const hashPassword = createHashPassword(deps)
  return async (context) => {
    await hashPassword(context)
    const isChanged = context.before !== undefined && typeof context.input['password'] === 'string'
    return isChanged ? endSessions(context) : undefined
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

/** before user.renew_hash and operator.renew_hash: the new hash stands in for the one that the password was verified against, and for no other. */
export const renewHash: Behaviour = ({ input, before }) => {
  if (before?.['password_hash'] === input['verified_hash']) input['password_hash'] = input['renewed_hash']
  return undefined
}
