import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { OauthIdentityRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Clock } from '#ports/clock.ts'
import type { Identity } from '#ports/identity-client.ts'
import type { Invoke, InvokeAll } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { isLive } from '../../identity/credentials.ts'
import type { ConfirmPassword } from '../confirm-password.ts'
import type { AuthenticatedPerson, Origin } from '../person.ts'
import type { Connection } from './connection.ts'
import { linkOf } from './find-account.ts'
import type { NoticeLink } from './notice-link.ts'

/** Links an account elsewhere to somebody who asked for it in this browser while signed in. */
export type LinkAccount = (
  connection: Connection,
  identity: Identity,
  wish: { readonly userId: string; readonly sessionId: string },
  requestId: string,
) => Promise<Refusal | undefined>

const unverified = refuse(
  'sign_in_failed',
  'The provider does not vouch for your e-mail address: verify it there',
)
const signedOut = refuse('unauthorized', 'The session that wished to link an account has ended')
const taken = refuse('conflict', 'This account is linked to another person already')
const ofOrganization = refuse('forbidden', 'The sign-in of an organization links itself by the address')
const lastWay = refuse('conflict', 'This is the last way to sign in: set a password first', { field: 'id' })
const unknown = refuse('not_found', 'No such linked account')
const tooOld = refuse('unauthorized', 'Sign in again first: linking an account takes a fresh sign-in')
/** How long after a sign-in somebody without a password may link an account. */
const freshMs = 10 * 60_000

/** before oauth_identity.unlink: nobody is left without a way to sign in, also by two requests at once. */
export const keepAWayIn: Behaviour = async ({ before, everywhere: { records } }) => {
  const userId = String(before?.['user_id'])
  const user = await records.get('user', userId)
  if (user === undefined || user.password_hash !== null) return undefined
  const where = [{ field: 'user_id', op: 'eq', value: userId }] as const
  return (await records.list('oauth_identity', { where, limit: 2 })).items.length > 1 ? undefined : lastWay
}

/** Linking asks that the session is still there; a link that is theirs already is no error. */
export function createLinkAccount(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly noticeLink: NoticeLink
  readonly clock: Clock
}): LinkAccount {
  const { records } = deps
  return async (connection, identity, { userId, sessionId }, requestId) => {
    if (connection.organization !== undefined) return ofOrganization
    if (!identity.isEmailVerified) return unverified
    const session = await records.get('user_session', sessionId)
    const user = await records.get('user', userId)
    const isIn = user?.status === 'active' || user?.status === 'pending'
    if (session?.user_id !== userId || !isLive(session, deps.clock.now()) || !isIn) return signedOut
    const known = await linkOf(records, connection, identity)
    if (known !== undefined) return known.user_id === userId ? undefined : taken
    const { issuer, subject, email = '' } = identity
    const outcome = await deps.invoke({
      actor: systemActor,
      onBehalfOf: { kind: 'member', id: userId },
      requestId,
      module: 'oauth_identity',
      action: 'create',
      input: { user_id: userId, provider: connection.provider, issuer, subject, email: email.slice(0, 320) },
    })
    if (outcome.ok) {
      deps.noticeLink(user, outcome.value.row)
      return undefined
    }
    return outcome.code === 'conflict' ? taken : outcome
  }
}

/** The accounts elsewhere that a person signs in with. */
export interface LinkedAccounts {
  list(userId: string): Promise<readonly OauthIdentityRow[]>
  /** Asks for the password before another account is linked, or for a fresh sign-in where there is none. */
  confirm(person: AuthenticatedPerson, password: string, origin: Origin): Promise<Outcome<unknown>>
  /** Takes one away; the last way to sign in stays. */
  unlink(userId: string, id: string, requestId: string): Promise<Refusal | undefined>
}

/** Linked accounts over the module of their name. */
export function createLinkedAccounts(deps: {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly confirmPassword: ConfirmPassword
  readonly clock: Clock
}): LinkedAccounts {
  const { records } = deps
  return {
    async list(userId) {
      const where = [{ field: 'user_id', op: 'eq', value: userId }] as const
      const sort = { field: 'created_at', descending: false }
      return (await records.list('oauth_identity', { where, sort, limit: 100 })).items
    },
    async confirm({ userId, credential }, password, { address }) {
      const user = await records.get('user', userId)
      if (user === undefined || user.password_hash !== null)
        return deps.confirmPassword(userId, password, address)
      const session = await records.get('user_session', credential.id)
      const ageMs = deps.clock.now() - Date.parse(session?.created_at ?? '')
      return ageMs <= freshMs ? accept(undefined) : tooOld
    },
    async unlink(userId, id, requestId) {
      if ((await records.get('oauth_identity', id))?.user_id !== userId) return unknown
      const onBehalfOf = { kind: 'member', id: userId }
      const by = { actor: systemActor, onBehalfOf, requestId, module: 'oauth_identity', id }
      const outcome = await deps.invokeAll([
        { ...by, action: 'unlink' },
        { ...by, action: 'delete' },
      ])
      return outcome.ok || outcome.code === 'not_found' ? undefined : outcome
    },
  }
}
