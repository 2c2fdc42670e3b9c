import type { RouteTestRequest, TestRoute } from '#app/access/test-route.ts'
import type { ImportRequest } from '#app/catalogue/import-openapi/import-openapi.ts'
import type { ImportReport } from '#app/catalogue/import-openapi/report.ts'
import type { TestUpstream } from '#app/catalogue/test-upstream.ts'
import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import { readBytes, textOf } from '#core/channel/http/read-text.ts'
import { mostDocumentBytes } from '#core/document/read-document.ts'
import { readFields } from './account/fields.ts'
import type { ControlHandler } from './route-table.ts'

/** What importing routes and testing them needs. */
export interface RouteToolsDependencies {
  readonly importRoutes: (
    request: Omit<ImportRequest, 'source'> & { readonly text: string },
  ) => Promise<Outcome<ImportReport>>
  readonly testRoute: TestRoute
  readonly testUpstream: TestUpstream
}

/** Importing routes, testing them and the addresses of upstreams, by their rule. */
export const routeToolsHandlers = (
  deps: RouteToolsDependencies,
): Readonly<Record<string, ControlHandler>> => ({
  'POST /admin/routes/import': importHandler(deps),
  'POST /admin/upstreams/test': testUpstreamHandler(deps),
  'POST /api/routes/test': testHandler(deps),
})

const documentType = /^(application|text)\/([a-z0-9!#$&^_.-]+\+)?(json|yaml|x-yaml|plain)$/

/** `POST /admin/routes/import?upstream&base_url&prefix&dry_run&public_from_security&validate`, the document as the body. */
function importHandler({ importRoutes }: RouteToolsDependencies): ControlHandler {
  return async ({ request, requestId, actor }) => {
    const options = importOptions(new URL(request.url).searchParams)
    if (!options.ok) return refusalAnswer(options, requestId)
    const [type = ''] = (request.headers.get('content-type') ?? '').toLowerCase().split(';')
    if (!documentType.test(type.trim())) {
      const refusal = refuse(
        'invalid_request',
        'The document needs the Content-Type application/yaml or /json',
      )
      return refusalAnswer(refusal, requestId)
    }
    const bytes = await readBytes(request, mostDocumentBytes)
    if (!bytes.ok) return refusalAnswer(bytes, requestId)
    const text = textOf(bytes.value, request.headers)
    if (!text.ok) return refusalAnswer(text, requestId)
    const report = await importRoutes({ ...options.value, text: text.value, actor, requestId })
    return report.ok ? dataAnswer(report.value) : refusalAnswer(report, requestId)
  }
}

const texts = ['upstream', 'base_url', 'prefix'] as const
const switches = ['dry_run', 'public_from_security', 'validate'] as const

function importOptions(parameters: URLSearchParams): Outcome<Pick<ImportRequest, 'choices' | 'isDryRun'>> {
  const problems: FieldProblem[] = []
  const known: readonly string[] = [...texts, ...switches]
  for (const field of new Set(parameters.keys())) {
    if (!known.includes(field)) problems.push({ field, reason: 'is not a known parameter' })
    else if (parameters.getAll(field).length > 1) problems.push({ field, reason: 'stands twice' })
  }
  const isOn = (field: (typeof switches)[number]): boolean => {
    const value = parameters.get(field)
    if (value !== null && value !== 'true' && value !== 'false')
      problems.push({ field, reason: 'must be true or false' })
    return value === 'true'
  }
  const upstream = parameters.get('upstream')
  const baseUrl = parameters.get('base_url')
  const choices = {
    ...(upstream === null ? {} : { upstream }),
    ...(baseUrl === null ? {} : { baseUrl }),
    prefix: parameters.get('prefix') ?? '',
    isPublicFromSecurity: isOn('public_from_security'),
    isValidated: isOn('validate'),
  }
  const isDryRun = isOn('dry_run')
  return problems.length > 0 ? refuseFields(problems) : accept({ choices, isDryRun })
}

/** `POST /admin/upstreams/test {url}`. */
function testUpstreamHandler({ testUpstream }: RouteToolsDependencies): ControlHandler {
  return async ({ request, requestId }) => {
    const fields = await readFields(request, { url: { most: 2_048 } })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const probe = await testUpstream(fields.value.url)
    return probe.ok ? dataAnswer(probe.value) : refusalAnswer(probe, requestId)
  }
}

/** `POST /api/routes/test {method, url, headers?, key?, body?}`. */
function testHandler({ testRoute }: RouteToolsDependencies): ControlHandler {
  return async ({ request, requestId }) => {
    const body = await readBody(request)
    if (!body.ok) return refusalAnswer(body, requestId)
    const asked = askedOf(body.value)
    if (!asked.ok) return refusalAnswer(asked, requestId)
    const answer = await testRoute(asked.value)
    return answer.ok ? dataAnswer(answer.value) : refusalAnswer(answer, requestId)
  }
}

function askedOf(body: Readonly<Record<string, unknown>>): Outcome<RouteTestRequest> {
  const problems: FieldProblem[] = []
  const known = ['method', 'url', 'headers', 'key', 'body']
  for (const field of Object.keys(body))
    if (!known.includes(field)) problems.push({ field, reason: 'is not a known field' })
  const text = (field: string): string | undefined => {
    const value = body[field]
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
    problems.push({ field, reason: 'must be text' })
    return undefined
  }
  const [method = 'GET', url, key, content] = [text('method'), text('url'), text('key'), text('body')]
  if (body['url'] === undefined || body['url'] === null)
    problems.push({ field: 'url', reason: 'is required' })
  const headers = headersOf(body['headers'])
  if (headers === undefined)
    problems.push({
      field: 'headers',
      reason: 'must be an object of names and values, or a list of such pairs',
    })
  if (problems.length > 0 || url === undefined || headers === undefined) return refuseFields(problems)
  return accept({
    method,
    url,
    headers,
    ...(key === undefined ? {} : { key }),
    ...(content === undefined ? {} : { body: content }),
  })
}

function headersOf(value: unknown): RouteTestRequest['headers'] | undefined {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object') return undefined
  const pairs: readonly unknown[] = Array.isArray(value) ? value : Object.entries(value)
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
  return pairs.every(isPair) ? pairs : undefined
}
