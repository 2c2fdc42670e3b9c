import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal } from '#contract/outcome.ts'
import type { RouteRow } from '#contract/rows.gen.ts'
import { slugOf } from '#domain/openapi/names.ts'
import {
  type PlannedRoute,
  type PlannedUpstream,
  planRoutes,
  planUpstream,
} from '#domain/openapi/plan-import.ts'
import { type OpenApiDocument, readOpenApi } from '#domain/openapi/read-document.ts'
import { prefixProblem } from '#domain/openapi/route-path.ts'
import { baseUrlProblem, serverUrl } from '#domain/openapi/server-url.ts'
import type { DocumentSource, Finding, Findings } from '#domain/openapi/source.ts'
import { type ImportChoices, type WantedRoute, wantedRoutes } from '#domain/openapi/wanted-routes.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { InvokeAll } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { type Found, refuseChoices, refuseDocument } from './findings.ts'
import { type ImportReport, importReport } from './report.ts'
import { refusedWrite, type Write, writesOf } from './writes.ts'

/** What importing needs. */
export interface ImportDependencies {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly validators: BodyValidators
}

/** One import: the document, the choices, and who asks. */
export interface ImportRequest {
  readonly source: DocumentSource
  readonly choices: ImportChoices
  /** Plans and answers, and writes nothing. */
  readonly isDryRun: boolean
  readonly actor: Actor
  readonly requestId: string
}

/** Imports an OpenAPI document. */
export type ImportOpenApi = (request: ImportRequest) => Promise<Outcome<ImportReport>>

interface Plan {
  readonly document: OpenApiDocument
  readonly upstream: PlannedUpstream
  readonly routes: readonly PlannedRoute[]
  readonly notes: readonly Finding[]
}

/**
 * Makes one upstream and a route for each path of an OpenAPI document, or brings those of an earlier import up to it; all of it in one
 * transaction, or nothing. What the document no longer has is told and left alone.
 */
export function createImportOpenApi(deps: ImportDependencies): ImportOpenApi {
  return async (request) => {
    const { source, choices } = request
    const wrong = choiceProblems(choices)
    if (wrong.length > 0) return refuseChoices(wrong)
    const findings: Findings = { problems: [], notes: [] }
    const plan = await planned(deps, source, choices, findings)
    if (plan === undefined) return refuseDocument(source, findings.problems)
    const writes = writesOf(plan.upstream, plan.routes)
    if (request.isDryRun) return accept(importReport({ ...plan, source, isDryRun: true, ids: new Map() }))
    const done = await apply(deps, request, writes)
    if (!done.ok) return done
    return accept(importReport({ ...plan, source, isDryRun: false, ids: done.value }))
  }
}

function choiceProblems({ upstream, baseUrl, prefix }: ImportChoices) {
  const problems: Found[] = []
  const add = (field: string, reason: string | undefined): void => {
    if (reason !== undefined) problems.push({ field, reason })
  }
  if (upstream !== undefined && (upstream.trim() === '' || upstream.length > 100))
    add('upstream', 'must be a name of 1 to 100 characters')
  if (baseUrl !== undefined) add('base_url', baseUrlProblem(baseUrl))
  add('prefix', prefixProblem(prefix))
  return problems
}

/** Reads, compares, and finds everything that is wrong at once; undefined after problems were noted. */
async function planned(
  deps: ImportDependencies,
  source: DocumentSource,
  choices: ImportChoices,
  findings: Findings,
): Promise<Plan | undefined> {
  const document = readOpenApi(source.data, findings)
  if (document === undefined) return undefined
  const name = choices.upstream ?? slugOf(document.title).slice(0, 100)
  if (name === '')
    findings.problems.push({ steps: ['info', 'title'], reason: 'makes no name: choose one for the upstream' })
  const wanted = wantedRoutes(document, choices, findings)
  if (choices.isValidated) checkSchemas(deps.validators, document, wanted, findings)
  const row = name === '' ? undefined : await deps.records.getBy('upstream', 'name', name)
  const isUrlNeeded = choices.baseUrl === undefined && row === undefined
  const url = isUrlNeeded ? serverUrl(document.root, findings) : (choices.baseUrl ?? '')
  if (findings.problems.length > 0 || url === undefined) return undefined
  const upstream = planUpstream(name, choices.baseUrl, url, row)
  if (choices.baseUrl === undefined && row !== undefined) noteOtherAddress(document, row.base_url, findings)
  const existing: RouteRow[] = []
  for await (const route of deps.records.each('route')) existing.push(route)
  const routes = planRoutes(upstream, wanted, existing)
  return { document, upstream, routes, notes: findings.notes }
}

/** The document may name the gateway's own address: an upstream that is there is not turned away because of it. */
function noteOtherAddress({ root }: OpenApiDocument, kept: string, { notes }: Findings): void {
  const named = serverUrl(root, { problems: [], notes: [] })
  if (named === undefined || named === kept.replace(/\/+$/, '')) return
  const reason = `is not taken: the upstream is there and keeps ${kept}; give a base URL to change it`
  notes.push({ steps: ['servers', 0, 'url'], reason })
}

function checkSchemas(
  validators: BodyValidators,
  document: OpenApiDocument,
  wanted: readonly WantedRoute[],
  { problems }: Findings,
): void {
  const operations = new Map(document.paths.map((path) => [path.path, path.operations]))
  for (const { path, fields } of wanted) {
    for (const [method, rule] of Object.entries(fields.request_schema ?? {})) {
      const compiled = validators.compile((rule as { readonly schema: unknown }).schema)
      if (compiled.ok) continue
      const operation = operations.get(path)?.find((one) => one.method === method)
      const steps = [...(operation?.steps ?? ['paths', path]), 'requestBody']
      problems.push({ steps, reason: `holds a schema that cannot be carried out: ${compiled.reason}` })
    }
  }
}

/** Writes everything, and answers the ids of what is new by name. */
async function apply(
  { invokeAll }: ImportDependencies,
  { actor, requestId }: ImportRequest,
  writes: readonly Write[],
): Promise<Outcome<ReadonlyMap<string, string>> | Refusal> {
  const done = await invokeAll(writes.map(({ call }) => ({ ...call, actor, requestId })))
  if (!done.ok) return refusedWrite(done, writes)
  return accept(new Map(done.value.map(({ row }, index) => [writes[index]?.key ?? '', row.id])))
}
