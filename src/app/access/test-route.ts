import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { bearerToken } from '#domain/key.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Condition, Records } from '#ports/records.ts'
import type { AskedRequest, PreviewRequest } from '#ports/request-preview.ts'
import { explainRoutes } from './explain-routes.ts'
import { loadSnapshot, type SnapshotSource } from './load-snapshot.ts'
import { type RouteTest, routeTestAnswer } from './route-test-answer.ts'

/** A request to be thought through. */
export interface RouteTestRequest {
  readonly method: string
  /** An address (its host counts) or a path, with the query. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** A raw API key, as a customer would send it. */
  readonly key?: string
  readonly body?: string
}

/** Says what would become of a request, without sending it. */
export type TestRoute = (request: RouteTestRequest) => Promise<Outcome<RouteTest>>

interface Dependencies extends SnapshotSource {
  readonly tokenDigest: TokenDigest
  readonly preview: PreviewRequest
}

/**
 * Which route a request matches and why the others do not, what it becomes at the upstream, who calls on which plan, and what it costs.
 * Nothing is sent, counted or taken; what is left of limits is known to the gateway alone and not told.
 */
export function createTestRoute(deps: Dependencies): TestRoute {
  return async (request) => {
    const asked = askedRequest(request)
    if (!asked.ok) return asked
    const snapshot = await loadSnapshot({ ...deps, records: await narrowed(deps, asked.value) })
    const preview = deps.preview(snapshot, asked.value)
    const explained = await explainRoutes(deps, preview.asked, asked.value)
    const { route, caller } = preview
    return accept(
      routeTestAnswer({
        asked: asked.value,
        preview,
        explained,
        route: route === undefined ? undefined : await deps.records.get('route', route.id),
        plan: caller === undefined ? undefined : await deps.records.get('plan', caller.plan.id),
      }),
    )
  }
}

const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i

function askedRequest(request: RouteTestRequest): Outcome<AskedRequest> {
  const problems: FieldProblem[] = []
  if (!/^[A-Za-z]{1,20}$/.test(request.method))
    problems.push({ field: 'method', reason: 'must be a method such as GET' })
  const [, authority, rest = ''] = absolute.exec(request.url) ?? []
  if (authority === undefined && !request.url.startsWith('/'))
    problems.push({ field: 'url', reason: 'must be an http(s) address, or a path that begins with /' })
  if (authority?.includes('@')) problems.push({ field: 'url', reason: 'must not hold credentials' })
  const target = authority === undefined ? request.url : rest.startsWith('/') ? rest : `/${rest}`
  if (problems.length === 0 && !/^[\x21-\x7e]+$/.test(target))
    problems.push({ field: 'url', reason: 'must be percent-encoded, without spaces' })
  if (!request.headers.every(([name, value]) => isFieldText(name) && isFieldText(value)))
    problems.push({ field: 'headers', reason: 'must hold names and values of one line' })
  if (request.key !== undefined && !isFieldText(request.key))
    problems.push({ field: 'key', reason: 'must be one line' })
  if (problems.length > 0) return refuseFields(problems)
  const has = (name: string): boolean => request.headers.some(([one]) => one.toLowerCase() === name)
  const headers = [...request.headers]
  if (!has('host')) headers.unshift(['Host', authority ?? ''])
  if (request.key !== undefined)
    headers.push(
      has('authorization') ? ['X-API-Key', request.key] : ['Authorization', `Bearer ${request.key}`],
    )
  const bodyBytes = new TextEncoder().encode(request.body ?? '').length
  const method = request.method.toUpperCase()
  return accept({ method, target, headers, bodyBytes, body: request.body ?? null })
}

/** What one line of a request's head can carry. */
const isFieldText = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)

/** Every text of the request that could be a key. */
function keysIn({ headers, target }: AskedRequest): readonly string[] {
  const keys = headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (lower === 'x-api-key') return [value]
    return lower === 'authorization' ? [bearerToken(value) ?? ''] : []
  })
  const mark = target.indexOf('?')
  if (mark !== -1) keys.push(...new URLSearchParams(target.slice(mark)).getAll('api_key'))
  return keys.map((key) => key.trim()).filter((key) => key !== '')
}

/** The records with only what can concern these keys, so that a test does not load every customer. */
async function narrowed({ records, tokenDigest }: Dependencies, asked: AskedRequest): Promise<Records> {
  const digests = keysIn(asked).map((key) => tokenDigest.digest(key))
  const keys =
    digests.length === 0 ? [] : (await records.list('api_key', { where: [oneOf('hash', digests)] })).items
  const organizations = keys.flatMap((key) => key.organization_id ?? [])
  const wanted: Readonly<Record<string, readonly [field: string, values: readonly string[]]>> = {
    api_key: ['id', keys.map((key) => key.id)],
    organization: ['id', organizations],
    subscription: ['organization_id', organizations],
    user: ['id', keys.flatMap((key) => key.user_id ?? [])],
  }
  return {
    ...records,
    each(module, where = []) {
      const [field, values] = wanted[module] ?? []
      if (field === undefined || values === undefined) return records.each(module, where)
      return values.length === 0 ? none() : records.each(module, [...where, oneOf(field, values)])
    },
  }
}

const oneOf = (field: string, value: readonly string[]): Condition => ({ field, op: 'in', value })

async function* none(): AsyncGenerator<never> {}
