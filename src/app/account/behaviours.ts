import type { Behaviour } from '#ports/behaviour.ts'
import { endCredentials, forgetVerification } from './end-credentials.ts'
import { checkRemovalRank, endMembership } from './leave-organization.ts'
import { checkAuthToken } from './one-time-token.ts'
import { useCode } from './second-factor.ts'

/** What the modules of accounts call in their hooks, by the name their YAML uses. */
export const accountBehaviours: Readonly<Record<string, Behaviour>> = {
  auth_token_check: checkAuthToken,
  membership_check_rank: checkRemovalRank,
  membership_end: endMembership,
  user_end_credentials: endCredentials,
  user_forget_verification: forgetVerification,
  user_use_code: useCode,
}
