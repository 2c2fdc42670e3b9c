import { createHash, createSecretKey } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '#ports/clock.ts'
import type { SignedTokens } from '#ports/signed-tokens.ts'

const algorithm = 'HS256'
const issuer = 'apigate'
const audience = 'apigate:account'
const mostCharacters = 2_048

/**
 * JSON Web Tokens under a secret of 32 bytes. Algorithm, issuer, audience, type and the name of the key are fixed: what a token says
 * about itself is compared with them and never followed.
 */
export function createSignedTokens(deps: {
  readonly secret: Uint8Array
  readonly clock: Clock
}): SignedTokens {
  const key = createSecretKey(deps.secret)
  const keyId = createHash('sha256').update('apigate key id ').update(deps.secret).digest('hex').slice(0, 16)
  return {
    sign: ({ userId, sessionId, expiresAt }) =>
      new SignJWT({ user_id: userId })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: keyId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(sessionId)
        .setIssuedAt(Math.floor(deps.clock.now() / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key),
    async verify(token) {
      if (token.length > mostCharacters) return undefined
      try {
        const { payload, protectedHeader } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          issuer,
          audience,
          typ: 'JWT',
          currentDate: new Date(deps.clock.now()),
          requiredClaims: ['sub', 'jti', 'iat', 'exp'],
        })
        const { sub, jti, exp } = payload
        if (protectedHeader.kid !== keyId || sub === undefined || jti === undefined || exp === undefined)
          return undefined
        return { userId: sub, sessionId: jti, expiresAt: exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
