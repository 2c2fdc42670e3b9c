import { Secret, TOTP } from 'otpauth'
import type { Clock } from '#ports/clock.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'

const issuer = 'APIGate'
const periodSeconds = 30
const secretBytes = 20
const codeForm = /^\d{6}$/

/** TOTP as authenticator apps know it (RFC 6238: SHA-1, six digits, 30 seconds), one step of clock difference allowed. */
export function createOneTimeCodes({ clock }: { readonly clock: Clock }): OneTimeCodes {
  const totpOf = (secret: string, label: string) =>
    new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits: 6, period: periodSeconds })
  return {
    newSecret: () => new Secret({ size: secretBytes }).base32,
    uriOf: (secret, account) => totpOf(secret, account).toString(),
    stepOf(secret, code) {
      if (!codeForm.test(code)) return undefined
      const timestamp = clock.now()
      const delta = totpOf(secret, 'account').validate({ token: code, timestamp, window: 1 })
      return delta === null ? undefined : Math.floor(timestamp / 1000 / periodSeconds) + delta
    },
  }
}
