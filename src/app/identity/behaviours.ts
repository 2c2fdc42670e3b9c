import type { Behaviour } from '#ports/behaviour.ts'
import type { PasswordHashing, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import { createHashOperatorPassword, createHashPassword, renewHash } from './hash-password.ts'
import { createIssueOperatorToken } from './issue-operator-token.ts'
import { keepASuperadmin } from './keep-a-superadmin.ts'
import { useCode } from './second-factor-codes.ts'

/** What the modules of people and their credentials call in their hooks, by the name their YAML uses. */
export function createIdentityBehaviours(deps: {
  readonly ids: Ids
  readonly tokenDigest: TokenDigest
  readonly passwordHashing: PasswordHashing
}): Readonly<Record<string, Behaviour>> {
  return {
    operator_hash_password: createHashOperatorPassword(deps),
    operator_renew_hash: renewHash,
    operator_keep_a_superadmin: keepASuperadmin,
    operator_use_code: useCode,
    operator_token_issue: createIssueOperatorToken(deps),
    user_hash_password: createHashPassword(deps),
    user_renew_hash: renewHash,
  }
}
