import { entitlementPrefix } from '#domain/entitlements.ts'
import { rememberNames } from './wire/name-memory.ts'

/** What a field of a request is to the gateway: what it is read as, and whether it goes on to the upstream. */
export type Treatment =
  | 'pass'
  | 'drop'
  | 'host'
  | 'authorization'
  | 'key'
  | 'id'
  | 'cookie'
  | 'length'
  | 'coding'
  | 'connection'
  | 'expect'
  | 'te'
  | 'upgrade'
  | 'for'
  | 'forwarded'
  | 'method'
  | 'proto'

const treatments: ReadonlyMap<string, Treatment> = new Map(
  Object.entries({
    authorization: 'authorization',
    'cf-connecting-ip': 'forwarded',
    connection: 'connection',
    'content-length': 'length',
    cookie: 'cookie',
    expect: 'expect',
    'fastly-client-ip': 'forwarded',
    forwarded: 'drop',
    host: 'host',
    'keep-alive': 'drop',
    'proxy-authenticate': 'drop',
    'proxy-authorization': 'drop',
    'proxy-connection': 'drop',
    te: 'te',
    trailer: 'drop',
    'transfer-encoding': 'coding',
    'true-client-ip': 'forwarded',
    upgrade: 'upgrade',
    'x-api-key': 'key',
    'x-client-ip': 'forwarded',
    'x-cluster-client-ip': 'forwarded',
    'x-consumer-id': 'drop',
    'x-forwarded-for': 'for',
    'x-forwarded-host': 'drop',
    'x-forwarded-proto': 'proto',
    'x-http-method': 'method',
    'x-http-method-override': 'method',
    'x-key-id': 'drop',
    'x-method-override': 'method',
    'x-organization-id': 'drop',
    'x-original-forwarded-for': 'forwarded',
    'x-original-host': 'forwarded',
    'x-original-url': 'forwarded',
    'x-plan-id': 'drop',
    'x-real-ip': 'drop',
    'x-request-id': 'id',
    'x-rewrite-url': 'forwarded',
    'x-subscription-id': 'drop',
    'x-user-id': 'drop',
  } satisfies Record<string, Treatment>),
)

// Only spelt exactly do these mean something on this connection.
const exactOnly: ReadonlySet<Treatment> = new Set([
  'coding',
  'connection',
  'expect',
  'host',
  'length',
  'te',
  'upgrade',
])

/** What becomes of a field by this name, however it is spelt. */
export const treatmentOf = rememberNames((name): Treatment => {
  const lower = name.toLowerCase()
  // An upstream may read `X_User_Id` as the same name, so the underscore spelling is treated alike.
  const spelling = lower.replaceAll('_', '-')
  const treatment = treatments.get(spelling) ?? treatmentByPrefix(spelling)
  return exactOnly.has(treatment) && !treatments.has(lower) ? 'drop' : treatment
})

function treatmentByPrefix(spelling: string): Treatment {
  if (spelling.startsWith(entitlementPrefix)) return 'drop'
  return spelling.startsWith('x-forwarded-') ? 'forwarded' : 'pass'
}

/** True for a field of a request that goes on to the upstream as it is. */
export const isPassedToUpstream = (name: string): boolean => treatmentOf(name) === 'pass'
