import type { Behaviour } from '#ports/behaviour.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import { useCode } from '../identity/second-factor-codes.ts'
import { endCredentials, forgetVerification } from './end-credentials.ts'
import { checkAcceptance, checkCancellation, checkOpenInvitation } from './end-invitation.ts'
import { issueInvitation } from './issue-invitation.ts'
import { checkRemovalRank, endMembership } from './leave-organization.ts'
import { keepAWayIn } from './oauth/link-account.ts'
import { beginDomain, keepDomainUnique } from './oauth/sign-in-domain.ts'
import { checkAuthToken } from './one-time-token.ts'
import { joinOwner } from './own-organizations.ts'
import { transferOwnership } from './transfer-ownership.ts'

/** What the modules of accounts call in their hooks, by the name their YAML uses. */
export const createAccountBehaviours = (deps: {
  readonly tokenDigest: TokenDigest
}): Readonly<Record<string, Behaviour>> => ({
  auth_token_check: checkAuthToken,
  invitation_check_acceptance: checkAcceptance,
  invitation_check_cancellation: checkCancellation,
  invitation_check_open: checkOpenInvitation,
  invitation_issue: issueInvitation(deps),
  membership_check_rank: checkRemovalRank,
  membership_end: endMembership,
  organization_join_owner: joinOwner,
  ownership_transfer_check: transferOwnership,
  oauth_identity_keep_a_way_in: keepAWayIn,
  sign_in_domain_begin: beginDomain,
  sign_in_domain_keep_unique: keepDomainUnique,
  user_end_credentials: endCredentials,
  user_forget_verification: forgetVerification,
  user_use_code: useCode,
})
