import type { JsonObject } from '#core/channel/openapi/json-schema.ts'

/** The groups of the account API in the order in which somebody needs them who begins with nothing. */
export const accountGroups = [
  'Accounts',
  'Sign-in elsewhere',
  'Team',
  'Organizations',
  'Memberships',
  'Invitations',
  'Sign-in domains',
  'Keys',
  'API keys',
  'Usage',
  'Budget alerts',
  'Route caps',
  'Billing',
  'Subscriptions',
  'Subscription changes',
  'Coupon redemptions',
  'Billing profiles',
  'Invoices',
  'Invoice lines',
  'Credit notes',
  'Credit grants',
  'Payments',
  'Payment methods',
  'Refunds',
  'Disputes',
  'Webhook endpoints',
  'Webhook deliveries',
  'Audit',
] as const

/** Groups that modules of an operator's own bring come before the last one. */
const elsewhere = accountGroups.length - 1.5

const places: ReadonlyMap<string, number> = new Map(accountGroups.map((group, at) => [group, at]))
const placeOf = (group: string): number => places.get(group) ?? elsewhere

/**
 * The document with its groups in that order. Within a group operations are as they are described (`METHOD /path`), those of modules after
 * them as they were.
 */
export function inReadingOrder(document: JsonObject, described: readonly string[]): JsonObject {
  const told = new Map(described.map((address, at) => [address.replaceAll(/:([A-Za-z_]+)/g, '{$1}'), at]))
  const paths = Object.entries(document['paths'] as Record<string, JsonObject>).map(([path, item]) => {
    const operations = Object.entries(item).map(([verb, entry]) => ({
      at: told.get(`${verb.toUpperCase()} ${path}`) ?? described.length,
      group: placeOf(groupOf(entry)),
    }))
    const group = Math.min(...operations.map((operation) => operation.group))
    return { path, item, group, at: Math.min(...operations.map(({ at }) => at)) }
  })
  paths.sort((one, other) => one.group - other.group || one.at - other.at)
  const tags = [...(document['tags'] as readonly { readonly name: string }[])]
  tags.sort((one, other) => placeOf(one.name) - placeOf(other.name))
  return { ...document, tags, paths: Object.fromEntries(paths.map(({ path, item }) => [path, item])) }
}

const groupOf = (entry: unknown): string => {
  const [tag] = ((entry as JsonObject)['tags'] ?? []) as readonly unknown[]
  return typeof tag === 'string' ? tag : ''
}
