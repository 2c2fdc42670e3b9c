import type { Behaviour } from '#ports/behaviour.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import { operatorTokenPrefix } from './credentials.ts'

const shownLength = 12

/** Makes the token of a new operator_token: kept as a digest, recognisable by its first characters, shown this once. */
export function createIssueOperatorToken(deps: {
  readonly ids: Ids
  readonly tokenDigest: TokenDigest
}): Behaviour {
  return (context) => {
    const token = operatorTokenPrefix + deps.ids.randomHex(32)
    context.input['hash'] = deps.tokenDigest.digest(token)
    context.input['prefix'] = token.slice(0, shownLength)
    context.revealOnce('token', token)
    return undefined
  }
}
