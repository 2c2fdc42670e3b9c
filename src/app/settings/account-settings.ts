import { durationMs } from '#domain/duration.ts'
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
