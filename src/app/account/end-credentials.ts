import type { Refusal } from '#contract/outcome.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { Condition } from '#ports/records.ts'

/** before user.update: a new address is one that nobody has verified yet, unless the writer says so. */
export const forgetVerification: Behaviour = ({ input, before }) => {
  const isNew = typeof input['email'] === 'string' && input['email'] !== before?.['email']
  if (isNew && input['email_verified_at'] === undefined) input['email_verified_at'] = null
  return undefined
}

/**
 * after user.update, .suspend and .cancel: another password, another address, another second factor or the end of an account ends all of its sessions and
 * takes the worth from every link that was mailed.
 */
export const endCredentials: Behaviour = async (context) => {
  const { before, after } = context
  const changed = (field: string): boolean => before?.[field] !== after?.[field]
  const isOut = after?.['status'] !== 'active' && after?.['status'] !== 'pending' && changed('status')
  const isRekeyed =
    context.input['password_hash'] !== undefined || changed('email') || changed('totp_enabled_at')
  if (!isOut && !isRekeyed) return undefined
  const theirs = { field: 'user_id', op: 'eq', value: context.id } as const
  return (await endSessions(context, [theirs])) ?? (await voidTokens(context, [theirs]))
}

async function endSessions(context: BehaviourContext, where: Condition[]): Promise<Refusal | undefined> {
  const open: string[] = []
  for await (const session of context.everywhere.records.each('user_session', where))
    if (session.revoked_at === null) open.push(session.id)
  return endEach(context, 'user_session', 'revoke', open)
}

async function voidTokens(context: BehaviourContext, where: Condition[]): Promise<Refusal | undefined> {
  const open: string[] = []
  for await (const token of context.everywhere.records.each('auth_token', where))
    if (token.used_at === null) open.push(token.id)
  return endEach(context, 'auth_token', 'delete', open)
}

async function endEach(
  { everywhere }: BehaviourContext,
  module: string,
  action: string,
  ids: readonly string[],
): Promise<Refusal | undefined> {
  for (const id of ids) {
    const ended = await everywhere.invoke({ module, action, id })
    if (!ended.ok) return ended
  }
  return undefined
}
