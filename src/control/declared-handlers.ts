import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { Declared, DeclaredRequest } from '#core/declared/create-declared.ts'
import type { ControlHandler } from './route-table.ts'

/** What configuration files need. */
export interface DeclaredDependencies {
  readonly declared: Declared
  /** The JSON Schema of the files. */
  readonly declaredSchema: Readonly<Record<string, unknown>>
}

/** Configuration as a file, by its rule. */
export function declaredHandlers(deps: DeclaredDependencies): Readonly<Record<string, ControlHandler>> {
  const schema = JSON.stringify(deps.declaredSchema)
  return {
    'GET /admin/config': async ({ request, requestId }) => {
      const parameters = new URL(request.url).searchParams
      const keys = parameters.get('keys')
      const unknown = [...parameters.keys()].find((name) => name !== 'keys')
      if (unknown !== undefined)
        return refusalAnswer(
          refuseFields([{ field: unknown, reason: 'is not a known parameter' }]),
          requestId,
        )
      if (keys !== null && keys !== 'true' && keys !== 'false')
        return refusalAnswer(refuseFields([{ field: 'keys', reason: 'must be true or false' }]), requestId)
      return dataAnswer({ document: await deps.declared.dump({ withKeys: keys === 'true' }) })
    },
    'POST /admin/config/plan': runHandler(deps.declared.plan),
    'POST /admin/config/apply': runHandler(deps.declared.apply),
    'GET /assets/gateway.schema.json': () =>
      new Response(schema, {
        headers: { 'content-type': 'application/schema+json', 'cache-control': 'public, max-age=300' },
      }),
  }
}

/** `{document, values?, prune?}`. */
function runHandler(run: Declared['plan']): ControlHandler {
  return async ({ request, requestId, actor }) => {
    const body = await readBody(request)
    if (!body.ok) return refusalAnswer(body, requestId)
    const asked = askedOf(body.value)
    if (!asked.ok) return refusalAnswer(asked, requestId)
    const report = await run({ ...asked.value, actor, requestId })
    return report.ok ? dataAnswer(report.value) : refusalAnswer(report, requestId)
  }
}

function askedOf(
  body: Readonly<Record<string, unknown>>,
): Outcome<Omit<DeclaredRequest, 'actor' | 'requestId'>> {
  const problems: FieldProblem[] = Object.keys(body)
    .filter((field) => !['document', 'values', 'prune'].includes(field))
    .map((field) => ({ field, reason: 'is not a known field' }))
  const { document, values = {}, prune = false } = body
  if (typeof document !== 'string') problems.push({ field: 'document', reason: 'must be the text of a file' })
  if (typeof prune !== 'boolean') problems.push({ field: 'prune', reason: 'must be true or false' })
  if (!isTexts(values)) problems.push({ field: 'values', reason: 'must be an object of names and texts' })
  if (problems.length > 0) return refuseFields(problems)
  if (typeof document !== 'string' || !isTexts(values))
    return refuse('invalid_request', 'The body is not valid')
  return accept({ text: document, values, isPruning: prune === true })
}

const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string')
