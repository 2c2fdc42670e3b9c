import { durationMs } from '#domain/duration.ts'
import type { PasswordKind } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'

const day = 86_400_000

/** How long a sign-in lasts (`auth.jwt_ttl`, 7 days) and how long its cookie may rest (`auth.session_idle_ttl`, 24 hours). */
export async function sessionTimes(records: Records): Promise<{ lifetimeMs: number; idleMs: number }> {
  const [lifetimeMs, idleMs] = await Promise.all([
    timeOf(records, 'auth.jwt_ttl', 7 * day),
    timeOf(records, 'auth.session_idle_ttl', day),
  ])
  return { lifetimeMs, idleMs: Math.min(idleMs, lifetimeMs) }
}

async function timeOf(records: Records, key: string, usual: number): Promise<number> {
  const setting = await records.getBy('setting', 'key', key)
  return durationMs(setting?.value ?? '') ?? usual
}

/** Setting `auth.require_verified_email`: whether keys of new accounts wait for the address to be verified. */
export const requiresVerifiedEmail = async (records: Records): Promise<boolean> =>
  (await records.getBy('setting', 'key', 'auth.require_verified_email'))?.value === 'true'

/** Setting `auth.registration`: whether anybody may sign up. */
export const isRegistrationOpen = async (records: Records): Promise<boolean> =>
  (await records.getBy('setting', 'key', 'auth.registration'))?.value !== 'closed'

const usualBcryptCost = 12

/** Settings `auth.password_hash` (argon2id) and `auth.bcrypt_cost` (12): how new passwords are hashed. */
export async function passwordKind(records: Pick<Records, 'getBy'>): Promise<PasswordKind> {
  const name = (await records.getBy('setting', 'key', 'auth.password_hash'))?.value
  if (name !== 'bcrypt') return { name: 'argon2id' }
  const cost = await records.getBy('setting', 'key', 'auth.bcrypt_cost')
  return { name, cost: Number(cost?.value || usualBcryptCost) }
}
