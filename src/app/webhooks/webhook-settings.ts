import { durationMs } from '#domain/duration.ts'
import { mostAttempts } from '#domain/webhook/retry-schedule.ts'
import type { Records } from '#ports/records.ts'

const day = 86_400_000
const usualAttempts = 5
const usualDisableAfterMs = 5 * day
const usualRetentionDays = 30

type Settings = Pick<Records, 'getBy'>

const settingOf = async (records: Settings, key: string): Promise<string> =>
  (await records.getBy('setting', 'key', key))?.value ?? ''

/** Setting `webhooks.allow_private`: whether endpoints may be private addresses, and plain http. */
export const allowsPrivateWebhooks = async (records: Settings): Promise<boolean> =>
  (await settingOf(records, 'webhooks.allow_private')) === 'true'

/** Setting `webhooks.attempts`: how often a delivery is tried. */
export const webhookAttempts = async (records: Settings): Promise<number> =>
  Math.min(Number(await settingOf(records, 'webhooks.attempts')) || usualAttempts, mostAttempts)

/** Setting `webhooks.disable_after`: how long an endpoint may fail before it is disabled. */
export const disableWebhooksAfterMs = async (records: Settings): Promise<number> =>
  durationMs(await settingOf(records, 'webhooks.disable_after')) ?? usualDisableAfterMs

/** Setting `webhooks.retention_days`: how long deliveries are kept. */
export const keepWebhooksMs = async (records: Settings): Promise<number> =>
  (Number(await settingOf(records, 'webhooks.retention_days')) || usualRetentionDays) * day
