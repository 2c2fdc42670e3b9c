import { systemActor } from '#contract/actor.ts'
import { type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { MembershipRow } from '#contract/rows.gen.ts'
import type { Call, InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { Background } from './background.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { AuthenticatedPerson, Origin } from './person.ts'

/** Ends an account for good, for somebody who typed its address and password. */
export type CloseAccount = (
  person: AuthenticatedPerson,
  wish: { readonly password: string; readonly confirmation: string },
  origin: Origin,
) => Promise<Refusal | undefined>

const lastOwner = refuse(
  'conflict',
  'An organization with other members needs another owner first: hand it over, or remove the members',
)

/**
 * Organizations that nobody else belongs to are closed with the account, so that none of their keys is served; others are left, unless
 * the person is their last owner. All of it is one transaction; the address of the account is told of it.
 */
export function createCloseAccount(deps: {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly confirmPassword: ConfirmPassword
  readonly background: Background
  readonly sendMail: SendMail
}): CloseAccount {
  const { records } = deps

  const leave = async (membership: MembershipRow, by: Omit<Call, 'module' | 'action'>) => {
    const { organization_id: organizationId } = membership
    const where = [{ field: 'organization_id', op: 'eq', value: organizationId }] as const
    const { items } = await records.list('membership', { where, limit: 2 })
    const call: Call =
      items.length === 1
        ? {
            ...by,
            module: 'organization',
            action: 'update',
            id: organizationId,
            input: { status: 'closed' },
          }
        : { ...by, module: 'membership', action: 'delete', id: membership.id }
    return call
  }

  return async ({ userId }, { password, confirmation }, origin) => {
    const user = await deps.confirmPassword(userId, password, origin.address)
    if (!user.ok) return user
    if (confirmation.trim().toLowerCase() !== user.value.email)
      return refuseFields([{ field: 'confirmation', reason: 'must be the e-mail address of the account' }])
    const by = {
      actor: systemActor,
      requestId: origin.requestId,
      onBehalfOf: { kind: 'member', id: userId },
    }
    const calls: Call[] = []
    for await (const membership of records.each('membership', [
      { field: 'user_id', op: 'eq', value: userId },
    ]))
      calls.push(await leave(membership, by))
    calls.push({ ...by, module: 'user', action: 'cancel', id: userId })
    const outcome = await deps.invokeAll(calls)
    if (!outcome.ok) return outcome.code === 'conflict' ? lastOwner : outcome
    const { email, name } = user.value
    deps.background.start('account closed', () =>
      deps.sendMail({
        template: 'account_closed',
        to: email,
        data: { name: name || email, email },
        dedupeKey: `account_closed ${userId}`,
      }),
    )
    return undefined
  }
}
