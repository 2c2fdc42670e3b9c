/** Words that people write in another way than a name of data does. */
const spelled: ReadonlyMap<string, string> = new Map([
  ['api', 'API'],
  ['apis', 'APIs'],
  ['conn', 'connection'],
  ['conns', 'connections'],
  ['builtin', 'built-in'],
  ['cors', 'CORS'],
  ['csv', 'CSV'],
  ['dns', 'DNS'],
  ['dsn', 'DSN'],
  ['email', 'e-mail'],
  ['emails', 'e-mails'],
  ['expr', 'expression'],
  ['fx', 'FX'],
  ['github', 'GitHub'],
  ['google', 'Google'],
  ['html', 'HTML'],
  ['http', 'HTTP'],
  ['https', 'HTTPS'],
  ['iban', 'IBAN'],
  ['id', 'ID'],
  ['ids', 'IDs'],
  ['ip', 'IP'],
  ['ips', 'IPs'],
  ['json', 'JSON'],
  ['lemonsqueezy', 'Lemon Squeezy'],
  ['oauth', 'OAuth'],
  ['oidc', 'OIDC'],
  ['paddle', 'Paddle'],
  ['paystack', 'Paystack'],
  ['pdf', 'PDF'],
  ['sendgrid', 'SendGrid'],
  ['sku', 'SKU'],
  ['s3', 'S3'],
  ['sla', 'SLA'],
  ['slack', 'Slack'],
  ['sms', 'SMS'],
  ['sql', 'SQL'],
  ['sso', 'SSO'],
  ['stripe', 'Stripe'],
  ['tls', 'TLS'],
  ['totp', 'two-factor'],
  ['ttl', 'TTL'],
  ['uri', 'URI'],
  ['url', 'URL'],
  ['urls', 'URLs'],
  ['uuid', 'UUID'],
  ['vat', 'VAT'],
  ['xml', 'XML'],
])

/** Units at the end of a name, in brackets behind it. */
const units: ReadonlyMap<string, string> = new Map([
  ['bp', 'basis points'],
  ['bytes', 'bytes'],
  ['days', 'days'],
  ['hours', 'hours'],
  ['ms', 'ms'],
  ['pct', '%'],
  ['seconds', 'seconds'],
])

const properNames: ReadonlySet<string> = new Set(
  [...spelled.values(), 'OpenID Connect']
    .flatMap((name) => name.split(' '))
    .filter((word) => /^[A-Z]/.test(word)),
)

/** True for a word that keeps its capital within a sentence: a brand, an initialism. */
export const isProperName = (word: string): boolean => properNames.has(word)

const wordsOf = (name: string): string[] => name.split('_').map((word) => spelled.get(word) ?? word)

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** A snake_case name as a phrase for people: `base_url` is "Base URL", `timeout_ms` is "Timeout (ms)". */
export function labelOf(name: string): string {
  const unit = units.get(name.slice(name.lastIndexOf('_') + 1))
  const hasUnit = unit !== undefined && name.includes('_')
  const words = wordsOf(hasUnit ? name.slice(0, name.lastIndexOf('_')) : name)
  return capital(words.join(' ').replace(/\btwo factor\b/, 'two-factor')) + (hasUnit ? ` (${unit})` : '')
}

/** The same as a title, every word with a capital: `api_key` is "API Key". */
export const titleOf = (name: string): string => wordsOf(name).map(capital).join(' ')

/** What people call a field: one that points to a record has its name, and a switch says what is on. */
export function fieldLabel(name: string, type: string): string {
  if (type === 'ref') return labelOf(name.replace(/_id$/, ''))
  return labelOf(type === 'bool' ? name.replace(/^(?:is|has)_/, '') : name)
}
