import type { AuditNote } from '#contract/audit.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke, InvokeAll } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'
import type { ReadTxt } from '#ports/read-txt.ts'
import type { Records } from '#ports/records.ts'
import type { SignedTokens } from '#ports/signed-tokens.ts'
import { createAttemptLedger } from '../identity/attempt-ledger.ts'
import { createNarrowGate, type NarrowGate } from '../identity/narrow-gate.ts'
import { createSignInThrottle } from '../identity/sign-in-throttle.ts'
import { type AcceptInvitation, createAcceptInvitation } from './accept-invitation.ts'
import { type AuthenticatePerson, createAuthenticatePerson } from './authenticate-person.ts'
import { type Background, createBackground } from './background.ts'
import {
  type ChangeEmail,
  type ChangePassword,
  createChangeEmail,
  createChangePassword,
  createRekey,
} from './change-credentials.ts'
import { type CloseAccount, createCloseAccount } from './close-account.ts'
import { createConfirmPassword } from './confirm-password.ts'
import { createImpersonations, type Impersonations } from './impersonation.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import type { KeyNotices } from './key-notices.ts'
import { createKeys, type Keys } from './keys.ts'
import type { ReportLeaks } from './leaked-keys.ts'
import { createNoticeSignIn } from './notice-sign-in.ts'
import type { Connections } from './oauth/connection.ts'
import { createEnter } from './oauth/enter.ts'
import { createLinkAccount, createLinkedAccounts, type LinkedAccounts } from './oauth/link-account.ts'
import { createNoticeLink } from './oauth/notice-link.ts'
import { createProveDomain, type ProveDomain } from './oauth/sign-in-domain.ts'
import { createSignInElsewhere, type SignInElsewhere } from './oauth/sign-in-elsewhere.ts'
import { createTickets } from './oauth/ticket.ts'
import { createOneTimeTokens } from './one-time-token.ts'
import { createPrepareSession } from './open-session.ts'
import { createOwnOrganizations, type OwnOrganizations } from './own-organizations.ts'
import { createOwnSessions, type OwnSessions } from './own-sessions.ts'
import { createOwnSpending, type OwnSpending } from './own-spending.ts'
import { once, recallPeople } from './recall-people.ts'
import { createRedeem, type Redeem } from './redeem.ts'
import { createRegister, type Register } from './register.ts'
import { createRequestMail, type RequestMail } from './request-mail.ts'
import { createSecondFactor, type SecondFactor } from './second-factor.ts'
import { createEndSession, createTouchSession, type EndSession } from './session-life.ts'
import { createSignInPerson, type SignInPerson } from './sign-in-person.ts'
import type { ReadSpending } from './spending.ts'
import { createTeam, type Team } from './team.ts'
import { createSendTeamMails, type SendTeamMails } from './team-mails.ts'
import { createTransferOwnership, type TransferOwnership } from './transfer-ownership.ts'
import { createViewAccount, type ViewAccount } from './view-account.ts'

/** Everything that accounts of people are made of. */
export interface AccountParts {
  readonly records: Records
  readonly invoke: Invoke
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly tokenDigest: TokenDigest
  readonly signedTokens: SignedTokens
  readonly codes: OneTimeCodes
  readonly sendMail: SendMail
  readonly metrics: Pick<Metrics, 'registration'>
  readonly cipher: Cipher
  /** Accounts elsewhere that people sign in with. */
  readonly connections: Connections
  readonly readTxt: ReadTxt
  /** Keeps something in the audit log that is no write. */
  readonly note: (note: AuditNote) => Promise<void>
  /** Where the instance is reached; empty where nobody has said it. */
  readonly baseUrl: () => Promise<string>
  /** Shared by everything that works on passwords. */
  readonly gate: NarrowGate
  readonly readSpending: ReadSpending
  readonly keyNotices: KeyNotices
  readonly reportLeaks: ReportLeaks
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
  readonly sessions: OwnSessions
  readonly requestVerification: RequestMail
  readonly requestPasswordReset: RequestMail
  readonly redeem: Redeem
  readonly changePassword: ChangePassword
  readonly changeEmail: ChangeEmail
  readonly closeAccount: CloseAccount
  readonly secondFactor: SecondFactor
  readonly keys: Keys
  readonly reportLeaks: ReportLeaks
  readonly team: Team
  readonly spending: OwnSpending
  readonly invitations: Invitations
  readonly acceptInvitation: AcceptInvitation
  readonly organizations: OwnOrganizations
  readonly transferOwnership: TransferOwnership
  readonly sendTeamMails: SendTeamMails
  readonly connections: Connections
  readonly elsewhere: SignInElsewhere
  readonly linked: LinkedAccounts
  readonly impersonations: Impersonations
  readonly proveDomain: ProveDomain
  readonly background: Background
}

/** Joins the flows of accounts. */
export function createAccounts(parts: AccountParts): Accounts {
  const { records, invoke, clock, log } = parts
  const throttle = createSignInThrottle({ clock })
  const background = createBackground({ gate: createNarrowGate({ mostAtOnce: 2, mostWaiting: 256 }), log })
  const ledger = (free: number) =>
    createAttemptLedger({ free, longestWaitMs: 5 * 60_000, maxEntries: 10_000 })
  const prepareSession = createPrepareSession(parts)
  const tokens = createOneTimeTokens(parts)
  const base = { ...parts, background, throttle, tokens, prepareSession }
  const confirmPassword = createConfirmPassword(base)
  const rekey = createRekey(base)
  const secondFactor = createSecondFactor({ ...base, confirmPassword, rekey, now: clock.now })
  const touch = createTouchSession({ invoke })
  const endSession = createEndSession({ invoke })
  const invitations = createInvitations(parts)
  const noticeSignIn = createNoticeSignIn(base)
  const noticeLink = createNoticeLink(base)
  const mails = { ...base, attempts: ledger(20), mailboxes: ledger(5) }
  return {
    authenticate: createAuthenticatePerson({
      ...parts,
      touch: (id) => background.start('session use', () => touch(id)),
    }),
    register: createRegister({ ...base, attempts: ledger(20) }),
    signIn: createSignInPerson({
      ...base,
      recall: once(() => recallPeople({ records, throttle, clock })),
      secondFactor: secondFactor.check,
      noticeSignIn,
    }),
    endSession,
    view: createViewAccount(parts),
    sessions: createOwnSessions({ records, endSession, clock }),
    requestVerification: createRequestMail(mails, 'email_verification'),
    requestPasswordReset: createRequestMail(mails, 'password_reset'),
    redeem: createRedeem(base),
    changePassword: createChangePassword({ ...base, confirmPassword, rekey }),
    changeEmail: createChangeEmail({ ...base, confirmPassword }),
    closeAccount: createCloseAccount({ ...base, confirmPassword }),
    secondFactor,
    keys: createKeys({ ...base, notices: parts.keyNotices }),
    reportLeaks: parts.reportLeaks,
    team: createTeam({ records, invoke }),
    spending: createOwnSpending(parts),
    invitations,
    acceptInvitation: createAcceptInvitation({ ...base, invitations }),
    organizations: createOwnOrganizations({ ...base, confirmPassword }),
    transferOwnership: createTransferOwnership({ ...base, confirmPassword }),
    sendTeamMails: createSendTeamMails(parts),
    connections: parts.connections,
    elsewhere: createSignInElsewhere({
      ...base,
      tickets: createTickets(parts),
      enter: createEnter({ ...base, attempts: ledger(20), noticeSignIn, noticeLink }),
      link: createLinkAccount({ ...parts, noticeLink }),
      secondFactor: secondFactor.check,
    }),
    linked: createLinkedAccounts({ ...base, confirmPassword }),
    proveDomain: createProveDomain(parts),
    impersonations: createImpersonations(base),
    background,
  }
}
