import { type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Condition } from '#ports/records.ts'
import { membershipOf } from './place.ts'

const dayMs = 24 * 60 * 60_000
const lifetimeMs = 7 * dayMs
/** How many invitations an organization may make in a day, and how many of them to one address. */
const mostADay = { inAll: 200, toOne: 5 }

/** The token of an invitation: it is worked out from the id under the key of the instance, so that a crash between the record and the mail loses nothing. */
export const invitationToken = (tokenDigest: TokenDigest, id: string): string =>
  `inv_${tokenDigest.digest(`token of invitation ${id}`).slice(-64)}`

const eq = (field: string, value: unknown): Condition => ({ field, op: 'eq', value })

/**
 * before invitation.create: seven days, one open invitation for an address and organization, none for who belongs to it already. One that is
 * over is replaced.
 */
export const issueInvitation =
  (deps: { readonly tokenDigest: TokenDigest }): Behaviour =>
  async (context) => {
    const { input, actor, now } = context
    const email = mailAddress(String(input['email']))
    if (email === undefined)
      return refuseFields([{ field: 'email', reason: 'must be an address that mails can be sent to' }])
    const refusal =
      (await refuseMember(context, email)) ??
      (await refuseTooMany(context, email)) ??
      (await replaceOld(context, email))
    if (refusal !== undefined) return refusal
    input['email'] = email
    input['invited_by'] = actor.kind === 'member' ? actor.id : null
    input['expires_at'] = new Date(now + lifetimeMs).toISOString()
    input['hash'] = deps.tokenDigest.digest(invitationToken(deps.tokenDigest, context.id))
    return undefined
  }

async function refuseMember(
  { everywhere: { records }, input }: BehaviourContext,
  email: string,
): Promise<Refusal | undefined> {
  const user = await records.getBy('user', 'email', email)
  if (user === undefined) return undefined
  return (await membershipOf(records, String(input['organization_id']), user.id)) === undefined
    ? undefined
    : refuse('conflict', 'This person belongs to the organization already', { field: 'email' })
}

async function refuseTooMany(
  { everywhere: { records }, input, now }: BehaviourContext,
  email: string,
): Promise<Refusal | undefined> {
  const lately: Condition[] = [
    eq('organization_id', input['organization_id']),
    { field: 'created_at', op: 'gt', value: new Date(now - dayMs).toISOString() },
  ]
  const count = async (where: readonly Condition[]) =>
    (await records.list('invitation', { where, limit: 1, count: true })).total ?? 0
  const isTooMany =
    (await count(lately)) >= mostADay.inAll ||
    (await count([...lately, eq('email', email)])) >= mostADay.toOne
  return isTooMany
    ? refuse('rate_limit_exceeded', 'Too many invitations in a day', { retry_after: 3600 })
    : undefined
}

async function replaceOld(
  { everywhere, input, now }: BehaviourContext,
  email: string,
): Promise<Refusal | undefined> {
  const where = [eq('organization_id', input['organization_id']), eq('email', email), eq('status', 'pending')]
  const [old] = (await everywhere.records.list('invitation', { where, limit: 1 })).items
  if (old === undefined) return undefined
  if (Date.parse(String(old.expires_at)) > now)
    return refuse('conflict', 'This person is invited already: cancel that invitation to make another one', {
      field: 'email',
    })
  const replaced = await everywhere.invoke({ module: 'invitation', action: 'replace', id: old.id })
  return replaced.ok ? undefined : replaced
}
