import { type Refusal, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { GatewaySettings } from '#ports/snapshot.ts'

interface KnownSetting {
  readonly pattern: RegExp
  readonly reason: string
}

const truth: KnownSetting = { pattern: /^(true|false)$/, reason: 'must be true or false' }
const duration: KnownSetting = {
  pattern: /^[1-9]\d{0,4}[smhd]$/,
  reason: 'must be a number and s, m, h or d, like 168h',
}

/** Settings whose value is checked when it is written, because requests and sign-ins rely on it. */
const known: Readonly<Record<string, KnownSetting>> = {
  'auth.allow_query_key': truth,
  'auth.bcrypt_cost': { pattern: /^1[0-4]$/, reason: 'must be a whole number from 10 to 14' },
  'auth.jwt_ttl': duration,
  'auth.key_hash': { pattern: /^(hmac|bcrypt)$/, reason: 'must be hmac or bcrypt' },
  'auth.key_prefix': {
    pattern: /^[a-z][a-z0-9_]{0,15}_$/,
    reason: 'must be lower-case letters, digits and _, ending with _',
  },
  'auth.leaked_keys': { pattern: /^(revoke|flag)$/, reason: 'must be revoke or flag' },
  'auth.password_hash': { pattern: /^(argon2id|bcrypt)$/, reason: 'must be argon2id or bcrypt' },
  'auth.registration': { pattern: /^(open|closed)$/, reason: 'must be open or closed' },
  'auth.require_verified_email': truth,
  'auth.session_idle_ttl': duration,
  'billing.collection_window_minutes': { pattern: /^\d{1,5}$/, reason: 'must be a number of minutes' },
  'billing.credit_note_prefix': {
    pattern: /^[A-Z][A-Z0-9-]{0,15}$/,
    reason: 'must be capital letters and digits',
  },
  'billing.dunning_policy': { pattern: /^(throttle|block)$/, reason: 'must be throttle or block' },
  'billing.fee_basis_points': {
    pattern: /^(\d{1,4}|10000)$/,
    reason: 'must be a whole number from 0 to 10000',
  },
  'billing.grace_days': {
    pattern: /^(\d{1,2}|[12]\d{2}|3[0-5]\d|36[0-5])$/,
    reason: 'must be a number of days from 0 to 365',
  },
  'billing.invoice_prefix': {
    pattern: /^[A-Z][A-Z0-9-]{0,15}$/,
    reason: 'must be capital letters and digits',
  },
  'billing.throttle_per_minute': {
    pattern: /^[1-9]\d{0,5}$/,
    reason: 'must be a number of requests from 1 to 999999',
  },
  'billing.upgrade_url': {
    pattern: /^(\/|https?:\/\/)[\x21-\x7e]+$/,
    reason: 'must be a path or an http(s) URL',
  },
  'brand.color': { pattern: /^#[0-9a-fA-F]{6}$/, reason: 'must be a colour like #1d6b57' },
  'brand.headline': { pattern: /^[^\p{Cc}]{1,120}$/u, reason: 'must be one line of at most 120 characters' },
  'brand.logo_url': {
    pattern: /^(\/(?!\/)|https:\/\/[a-zA-Z0-9.-]+(:\d{1,5})?\/)[\w./~%-]*$/,
    reason: 'must be a path of this host or an https URL without a query',
  },
  'brand.name': { pattern: /^[^\p{Cc}]{1,80}$/u, reason: 'must be one line of at most 80 characters' },
  'brand.support_email': { pattern: /^[^\s@<>",;]+@[^\s@<>",;]+$/, reason: 'must be an e-mail address' },
  'brand.text': { pattern: /^[^\p{Cc}]{1,1000}$/u, reason: 'must be one line of at most 1000 characters' },
  'events.retention_days': { pattern: /^[1-9]\d{0,3}$/, reason: 'must be a number of days from 1 to 9999' },
  'gateway.max_body_bytes': { pattern: /^[1-9]\d{0,11}$/, reason: 'must be a number of bytes above 0' },
  'gateway.websocket_idle_timeout_ms': {
    pattern: /^[1-9]\d{3,8}$/,
    reason: 'must be a number of milliseconds, at least 1000',
  },
  'oauth.organizations_allow_private': truth,
  'portal.base_url': {
    pattern: /^https?:\/\/[a-zA-Z0-9.:[\]-]+(\/[\w.~/-]*)?$/,
    reason: 'must be an http(s) URL without a query',
  },
  'site.api_url': {
    pattern: /^https?:\/\/[a-zA-Z0-9.:[\]-]+(\/[\w.~/-]*)?$/,
    reason: 'must be an http(s) URL without a query',
  },
  'site.landing': truth,
  'webhooks.allow_private': truth,
  'webhooks.attempts': { pattern: /^([1-9]|10)$/, reason: 'must be a number from 1 to 10' },
  'webhooks.disable_after': duration,
  'webhooks.retention_days': { pattern: /^[1-9]\d{0,3}$/, reason: 'must be a number of days from 1 to 9999' },
}

/**
 * before setting.create and .update: refuses values that the gateway could not use, and keeps the value of a setting that holds a
 * provider's secret as one, however it was given.
 */
export function createCheckSetting(deps: {
  readonly isSecret: (key: string) => boolean
  /** The providers that customers could pay by, configured or not. */
  readonly paymentProviders: readonly string[]
}): Behaviour {
  return ({ input, before }): Refusal | undefined => {
    const key = String(input['key'] ?? before?.['key'])
    const value = input['value']
    if (typeof value !== 'string') return undefined
    const setting = Object.hasOwn(known, key) ? known[key] : undefined
    if (setting !== undefined && !setting.pattern.test(value))
      return refuseFields([{ field: 'value', reason: setting.reason }])
    if (key === 'payment.offered') return checkOffered(value, deps.paymentProviders)
    if (value !== '' && deps.isSecret(key)) {
      input['secret_value'] = value
      input['value'] = ''
    }
    return undefined
  }
}

/** A name that nobody has would leave customers without the choice, and nobody would say so. */
function checkOffered(value: string, known: readonly string[]): Refusal | undefined {
  const names = value.split(',').map((name) => name.trim())
  const unknown = names.find((name) => name !== '' && !known.includes(name))
  if (unknown === undefined) return undefined
  const reason = `has "${unknown.slice(0, 64)}", which is no payment provider that customers can choose; there are ${known.join(', ')}`
  return refuseFields([{ field: 'value', reason }])
}

/** What the request path asks of the settings, with the defaults of what is not set. */
export function gatewaySettings(values: ReadonlyMap<string, string>): GatewaySettings {
  return {
    maxBodyBytes: Number(values.get('gateway.max_body_bytes') ?? 104_857_600),
    allowsQueryKey: values.get('auth.allow_query_key') !== 'false',
    keyPrefix: values.get('auth.key_prefix') ?? 'ak_',
    webSocketIdleMs: Number(values.get('gateway.websocket_idle_timeout_ms') ?? 120_000),
    upgradeUrl: values.get('billing.upgrade_url') ?? '/portal/billing',
  }
}
