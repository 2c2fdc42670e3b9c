/** What every operator token begins with; 64 hex characters follow. */
export const operatorTokenPrefix = 'opt_'
/** What every session token begins with; 64 hex characters follow. */
export const sessionTokenPrefix = 'ses_'
/** How long an operator stays signed in. */
export const sessionLifetimeMs = 7 * 24 * 60 * 60 * 1000

const operatorToken = /^opt_[0-9a-f]{64}$/
const sessionToken = /^ses_[0-9a-f]{64}$/

/** True when a text can be an operator token at all. */
export const isOperatorToken = (text: string): boolean => operatorToken.test(text)

/** True when a text can be a session token at all. */
export const isSessionToken = (text: string): boolean => sessionToken.test(text)

/** True while a record with `revoked_at` and `expires_at` (ISO 8601 or null) counts. */
export function isLive(record: { revoked_at?: unknown; expires_at?: unknown }, now: number): boolean {
  if (record.revoked_at !== null && record.revoked_at !== undefined) return false
  if (record.expires_at === null || record.expires_at === undefined) return true
  return Date.parse(String(record.expires_at)) > now
}
