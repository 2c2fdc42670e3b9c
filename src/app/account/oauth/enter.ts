import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Identity } from '#ports/identity-client.ts'
import type { Call, InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import type { AttemptLedger } from '../../identity/attempt-ledger.ts'
import { isRegistrationOpen } from '../../settings/account-settings.ts'
import { addressKey, tooOften } from '../attempts.ts'
import type { Background } from '../background.ts'
import type { NoticeSignIn } from '../notice-sign-in.ts'
import type { PrepareSession } from '../open-session.ts'
import type { OpenedSession, Origin } from '../person.ts'
import type { Connection } from './connection.ts'
import type { FoundAccount } from './find-account.ts'
import type { NoticeLink } from './notice-link.ts'

/** Lets somebody from elsewhere in: account, link, membership and session are one transaction. */
export type Enter = (
  connection: Connection,
  identity: Identity,
  account: FoundAccount,
  origin: Origin,
) => Promise<Outcome<OpenedSession>>

const closed = refuse('forbidden', 'New accounts are made by invitation only')

/** What is to be written for somebody, before the session. */
interface Preparation {
  readonly who: string
  readonly calls: readonly Call[]
  readonly place: string | null
}

/** An organization's domain lets its people in also where registration is closed: that is what it was proven for. */
export function createEnter(deps: {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly prepareSession: PrepareSession
  readonly attempts: AttemptLedger
  readonly background: Background
  readonly sendMail: SendMail
  readonly noticeSignIn: NoticeSignIn
  readonly noticeLink: NoticeLink
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'registration'>
}): Enter {
  const { records, attempts, clock } = deps

  const mayRegister = async ({ organization }: Connection, { address }: Origin) => {
    if (organization === undefined && !(await isRegistrationOpen(records))) return closed
    const key = addressKey(address)
    const waitMs = attempts.waitMs(key, clock.now())
    if (waitMs > 0) return tooOften('Too many accounts from this address', waitMs)
    attempts.count(key, clock.now())
    return undefined
  }
  const isMember = async (userId: string, organizationId: string): Promise<boolean> => {
    const where = [
      { field: 'user_id', op: 'eq', value: userId },
      { field: 'organization_id', op: 'eq', value: organizationId },
    ] as const
    return (await records.list('membership', { where, limit: 1 })).items.length > 0
  }

  const prepare = async (
    { provider, organization }: Connection,
    { issuer, subject, email = '', name }: Identity,
    account: FoundAccount,
    requestId: string,
  ): Promise<Preparation> => {
    const system = { actor: systemActor, requestId }
    const place = organization?.id ?? null
    if (account.kind === 'linked') {
      const { user, link } = account
      const touched = { ...system, module: 'oauth_identity', action: 'touch', id: link.id }
      const isTheirs = place !== null && (await isMember(user.id, place))
      // Somebody who was taken out stays out: an account elsewhere brings into an organization once.
      return { who: user.id, calls: [touched], place: isTheirs ? place : null }
    }
    const isNew = account.kind === 'new'
    const who = isNew ? account.email : account.user.id
    const onBehalf = isNew ? system : { ...system, onBehalfOf: { kind: 'member', id: who } }
    const verifiedAt = new Date(clock.now()).toISOString()
    const user = { email: who, name: plainName(name), email_verified_at: verifiedAt }
    const link = { user_id: who, provider, issuer, subject, email: email.slice(0, 320) }
    const isIn = !isNew && place !== null && (await isMember(who, place))
    const membership = { organization_id: place, user_id: who, role: organization?.role }
    return {
      who,
      place,
      calls: [
        ...(isNew ? [{ ...system, module: 'user', action: 'create', input: user }] : []),
        { ...onBehalf, module: 'oauth_identity', action: 'create', input: link },
        ...(place === null || isIn
          ? []
          : [{ ...onBehalf, module: 'membership', action: 'create', input: membership }]),
      ],
    }
  }

  return async (connection, identity, account, origin) => {
    if (account.kind === 'new') {
      const refusal = await mayRegister(connection, origin)
      if (refusal !== undefined) return refusal
    }
    const { who, calls, place } = await prepare(connection, identity, account, origin.requestId)
    const opening = await deps.prepareSession(who, origin, place)
    const outcome = await deps.invokeAll([...calls, opening.call])
    if (!outcome.ok) return outcome
    const session = outcome.value.at(-1)
    if (session === undefined) throw new Fault('internal_error', 'a sign-in made no session')
    if (account.kind === 'new') {
      deps.metrics.registration()
      const data = { name: plainName(identity.name) || account.email, organization: '' }
      deps.background.start('welcome mail', () =>
        deps.sendMail({
          template: 'welcome',
          to: account.email,
          data,
          dedupeKey: `welcome ${session.row['user_id']}`,
        }),
      )
    }
    const link = outcome.value[0]
    if (account.kind === 'known' && link !== undefined) deps.noticeLink(account.user, link.row)
    const opened = await opening.opened(session)
    if (account.kind !== 'new') deps.noticeSignIn(account.user, opened.session.id, origin)
    return accept(opened)
  }
}

/** A name as a provider tells it: anything may stand in it. */
const plainName = (name: string): string =>
  name
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 200)
