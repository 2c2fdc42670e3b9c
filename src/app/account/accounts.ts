import { accept } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke, InvokeAll } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import type { SignedTokens } from '#ports/signed-tokens.ts'
import { createAttemptLedger } from '../identity/attempt-ledger.ts'
import { createNarrowGate, type NarrowGate } from '../identity/narrow-gate.ts'
import { createSignInThrottle } from '../identity/sign-in-throttle.ts'
import { type AuthenticatePerson, createAuthenticatePerson } from './authenticate-person.ts'
import { type Background, createBackground } from './background.ts'
import { createOneTimeTokens } from './one-time-token.ts'
import { createPrepareSession } from './open-session.ts'
import { once, recallPeople } from './recall-people.ts'
import { createRegister, type Register } from './register.ts'
import { createEndSession, createTouchSession, type EndSession } from './session-life.ts'
import { createSignInPerson, type SignInPerson } from './sign-in-person.ts'
import { createViewAccount, type ViewAccount } from './view-account.ts'

/** Everything that accounts of people are made of. */
export interface AccountParts {
  readonly records: Records
  readonly invoke: Invoke
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly tokenDigest: TokenDigest
  readonly signedTokens: SignedTokens
  readonly sendMail: SendMail
  readonly metrics: Pick<Metrics, 'registration'>
  /** Shared by everything that works on passwords. */
  readonly gate: NarrowGate
  readonly ids: Ids
  readonly clock: Clock
  readonly log: Log
}

/** Accounts of people: who they are, how they sign in and out, and what they may change about themselves. */
export interface Accounts {
  readonly authenticate: AuthenticatePerson
  readonly register: Register
  readonly signIn: SignInPerson
  readonly endSession: EndSession
  readonly view: ViewAccount
  readonly background: Background
}

/** Joins the flows of accounts. */
export function createAccounts(parts: AccountParts): Accounts {
  const { records, invoke, clock, log } = parts
  const throttle = createSignInThrottle({ clock })
  const attempts = createAttemptLedger({ free: 20, longestWaitMs: 5 * 60_000, maxEntries: 10_000 })
  const background = createBackground({ gate: createNarrowGate({ mostAtOnce: 2, mostWaiting: 256 }), log })
  const shared = {
    ...parts,
    background,
    attempts,
    throttle,
    tokens: createOneTimeTokens(parts),
    prepareSession: createPrepareSession(parts),
    recall: once(() => recallPeople({ records, throttle, clock })),
    secondFactor: async () => accept('passed' as const),
  }
  const touch = createTouchSession({ invoke })
  return {
    authenticate: createAuthenticatePerson({
      ...parts,
      touch: (id) => background.start('session use', () => touch(id)),
    }),
    register: createRegister(shared),
    signIn: createSignInPerson(shared),
    endSession: createEndSession({ invoke }),
    view: createViewAccount(parts),
    background,
  }
}
