import type { RouteRow } from '#contract/rows.gen.ts'
import type { Records } from '#ports/records.ts'

/** A route of the operator's own API as customers may know it: nothing of where it leads or whom it keeps out. */
export interface PublishedRoute {
  readonly name: string
  readonly description: string
  /** With `{name}` for what varies. */
  readonly path: string
  readonly parameters: readonly string[]
  /** Its last parameter takes slashes, too. */
  readonly isPrefix: boolean
  /** The one host that it answers at; empty is any. */
  readonly host: string
  readonly methods: readonly string[]
  readonly needsKey: boolean
  readonly scopes: readonly string[]
  /** JSON schemas of bodies, by method. */
  readonly bodies: Readonly<Record<string, { readonly schema: object; readonly isRequired: boolean }>>
}

/** Reads what is published now. */
export type ReadPublishedRoutes = () => Promise<readonly PublishedRoute[]>

const mostRoutes = 500
const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * The enabled routes of the default API, unless that API is private or suspended. A pattern that is a regular expression of its own
 * kind, and hosts that are patterns, cannot be told as an address: those routes serve and are not listed.
 */
export function createReadPublishedRoutes({
  records,
}: {
  readonly records: Pick<Records, 'list' | 'each'>
}): ReadPublishedRoutes {
  return async () => {
    const apis = await records.list('api', {
      where: [{ field: 'is_default', op: 'eq', value: true }],
      limit: 1,
    })
    const [api] = apis.items
    if (api === undefined || api.visibility === 'private' || api.status !== 'active') return []
    const found: PublishedRoute[] = []
    for await (const row of records.each('route', [{ field: 'enabled', op: 'eq', value: true }])) {
      const route = row.api_id === null || row.api_id === api.id ? publishedRoute(row) : undefined
      if (route !== undefined) found.push(route)
      if (found.length === mostRoutes) break
    }
    return found.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0))
  }
}

/** A stored route as it is published; undefined where its address cannot be told. */
export function publishedRoute(row: RouteRow): PublishedRoute | undefined {
  const host = row.host_pattern ?? ''
  const place = placeOf(row)
  if (place === undefined || /[*/]/.test(host)) return undefined
  return {
    name: row.name,
    description: row.description,
    ...place,
    parameters: [...place.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    host,
    methods: textsOf(row.methods).length === 0 ? everyMethod : textsOf(row.methods),
    needsKey: row.auth_required,
    scopes: textsOf(row.scopes),
    bodies: bodiesOf(row.request_schema),
  }
}

function placeOf(row: RouteRow): { path: string; isPrefix: boolean } | undefined {
  const { path_pattern: pattern, match_type: type } = row
  if (type === 'regex') {
    const path = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\.', '.')
    return /^(\/([\w.~-]|\{[A-Za-z_]\w*\})*)+$/.test(path) && /^[^\\]*$/.test(path)
      ? { path, isPrefix: false }
      : undefined
  }
  if (/[{}]/.test(pattern)) return undefined
  return type === 'prefix' && pattern.endsWith('/*')
    ? { path: `${pattern.slice(0, -1)}{rest}`, isPrefix: true }
    : { path: pattern, isPrefix: false }
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

function bodiesOf(value: unknown): PublishedRoute['bodies'] {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([method, rule]) => {
      const { schema, required } = (rule ?? {}) as { schema?: unknown; required?: unknown }
      return typeof schema === 'object' && schema !== null
        ? [[method, { schema, isRequired: required === true }]]
        : []
    }),
  )
}
