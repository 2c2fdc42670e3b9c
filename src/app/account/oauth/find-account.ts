import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { OauthIdentityRow, UserRow } from '#contract/rows.gen.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import type { Identity } from '#ports/identity-client.ts'
import type { Records } from '#ports/records.ts'
import type { Connection } from './connection.ts'

/** Whose account somebody from elsewhere is: linked already, to be linked by its verified address, or to be opened. */
export type FoundAccount =
  | { readonly kind: 'linked'; readonly user: UserRow; readonly link: OauthIdentityRow }
  | { readonly kind: 'known'; readonly user: UserRow }
  | { readonly kind: 'new'; readonly email: string }

const unverified = refuse(
  'sign_in_failed',
  'The provider does not vouch for your e-mail address: verify it there',
)
const foreign = refuse(
  'sign_in_failed',
  'Your e-mail address does not belong to the domain of the organization',
)
const suspended = refuse('account_suspended', 'The account is not active')
const unproven = refuse(
  'conflict',
  'There is an account with your e-mail address, which was never verified: sign in there, or reset its password, and link it',
)

/** The linked account of somebody elsewhere: by provider, issuer and subject together, never by the subject alone. */
export async function linkOf(
  records: Records,
  { provider }: Connection,
  { issuer, subject }: Identity,
): Promise<OauthIdentityRow | undefined> {
  const where = [
    { field: 'provider', op: 'eq', value: provider },
    { field: 'issuer', op: 'eq', value: issuer },
    { field: 'subject', op: 'eq', value: subject },
  ] as const
  return (await records.list('oauth_identity', { where, limit: 1 })).items[0]
}

/**
 * Finds the account of who came back. An address counts only where the provider vouches for it, and an account is taken over by it only
 * where its owner has verified that address here too: otherwise whoever had registered it before would be let into what others bring.
 */
export async function findAccount(
  records: Records,
  connection: Connection,
  identity: Identity,
): Promise<Outcome<FoundAccount>> {
  const email = identity.isEmailVerified ? mailAddress(identity.email ?? '') : undefined
  const { organization } = connection
  if (organization !== undefined && email?.split('@')[1] !== organization.domain)
    return email === undefined ? unverified : foreign
  const link = await linkOf(records, connection, identity)
  if (link !== undefined) {
    const user = await records.get('user', link.user_id)
    if (user === undefined || !isIn(user)) return suspended
    return accept({ kind: 'linked', user, link })
  }
  if (email === undefined) return unverified
  const user = await records.getBy('user', 'email', email)
  if (user === undefined) return accept({ kind: 'new', email })
  if (!isIn(user)) return suspended
  return user.email_verified_at === null ? unproven : accept({ kind: 'known', user })
}

const isIn = ({ status }: UserRow): boolean => status === 'active' || status === 'pending'
