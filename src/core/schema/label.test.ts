import { expect, test } from 'vitest'
import { fieldLabel, labelOf, titleOf } from './label.ts'

test('a name of data is shown as people write it: initialisms, units, brands', () => {
  const labels = {
    rate_limit_per_minute: 'Rate limit per minute',
    base_url: 'Base URL',
    allow_ips: 'Allow IPs',
    id: 'ID',
    totp_enabled_at: 'Two-factor enabled at',
    email_verified_at: 'E-mail verified at',
    idle_conn_timeout_ms: 'Idle connection timeout (ms)',
    quota_grace_pct: 'Quota grace (%)',
    stripe_price_id: 'Stripe price ID',
    seconds: 'Seconds',
    reset_two_factor: 'Reset two-factor',
    dsn: 'DSN',
  }
  for (const [name, label] of Object.entries(labels)) expect(labelOf(name)).toBe(label)
  expect(titleOf('api_key')).toBe('API Key')
})

test('a field that points to a record is called after it, an id of elsewhere stays an ID, a switch says what is on', () => {
  expect(fieldLabel('plan_id', 'ref')).toBe('Plan')
  expect(fieldLabel('external_id', 'string')).toBe('External ID')
  expect(fieldLabel('is_default', 'bool')).toBe('Default')
  expect(fieldLabel('is_new', 'string')).toBe('Is new')
})
