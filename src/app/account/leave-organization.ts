import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before membership.delete: owners take out anybody, admins members only; everybody may leave. */
export const checkRemovalRank: Behaviour = ({ actor, before }) => {
  if (actor.kind !== 'member' || before?.['user_id'] === actor.id) return undefined
  return actor.role === 'owner' || before?.['role'] === 'member'
    ? undefined
    : refuse('permission_denied', 'Only an owner may take out an owner or an admin', { field: 'role' })
}

/**
 * after membership.delete: who is out has no key to the organization any more, as they have seen those that they made. The sessions
 * that act in it end; those of somebody who left go on in their own organization.
 */
export const endMembership: Behaviour = async (context) => {
  const { actor, before, everywhere } = context
  const [userId, organizationId] = [String(before?.['user_id']), String(before?.['organization_id'])]
  const isTheirs = { field: 'user_id', op: 'eq', value: userId } as const
  const keys: string[] = []
  for await (const key of everywhere.records.each('api_key', [
    isTheirs,
    { field: 'organization_id', op: 'eq', value: organizationId },
  ]))
    if (key.revoked_at === null) keys.push(key.id)
  for (const id of keys) {
    const revoked = await everywhere.invoke({ module: 'api_key', action: 'revoke', id })
    if (!revoked.ok) return revoked
  }
  const sessions: string[] = []
  for await (const session of everywhere.records.each('user_session', [
    isTheirs,
    { field: 'active_organization_id', op: 'eq', value: organizationId },
  ]))
    if (session.revoked_at === null) sessions.push(session.id)
  const hasLeft = actor.kind === 'member' && actor.id === userId
  for (const id of sessions) {
    const ended = await everywhere.invoke(
      hasLeft
        ? { module: 'user_session', action: 'update', id, input: { active_organization_id: null } }
        : { module: 'user_session', action: 'revoke', id },
    )
    if (!ended.ok) return ended
  }
  return undefined
}
