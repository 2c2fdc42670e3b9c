import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import { scopeProblems } from '#domain/access/scopes.ts'
import { judgeIpRules } from '#domain/address/ip-rules.ts'
import { judgeCache } from '#domain/cache/cache-rules.ts'
import { judgeCors } from '#domain/cors/rules.ts'
import type { MeteringMode } from '#domain/metering/plan.ts'
import { compileHost, compilePath, type MatchType } from '#domain/route/pattern.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import { defaultApi } from '../identity/own-organization.ts'
import { judgeBodyRules } from './body-rules.ts'
import { limitProblems } from './limits.ts'
import { planRoute } from './route-plans.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** before route.create and .update: everything that the gateway will compile, compiled once here, with the field at fault. */
export function createCheckRoute(deps: {
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
}): Behaviour {
  return async ({ input, before, action, records }) => {
    if (action === 'create') input['api_id'] ??= (await defaultApi(records))?.id
    const value: ReadsField = (field) => (input[field] === undefined ? before?.[field] : input[field])
    const problems = [
      ...matchProblems(value),
      ...edgeProblems(value),
      ...scopeProblems(value('scopes'), false),
      ...publicProblems(value),
      ...cacheProblems(value('cache')),
      ...bodyProblems(value('request_schema'), deps.validators),
      ...expressionProblems(value, deps.expressions),
      ...limitProblems(value('limits'), value('auth_required') === false),
      ...protocolProblems(value),
    ]
    return problems.length === 0 ? undefined : refuseFields(problems)
  }
}

/** A field as it will be stored. */
type ReadsField = (field: string) => unknown

function matchProblems(value: ReadsField): FieldProblem[] {
  const problems: FieldProblem[] = []
  const pattern = String(value('path_pattern'))
  const matchType = (value('match_type') ?? 'prefix') as MatchType
  const path = compilePath(pattern, matchType)
  if (!path.ok) problems.push({ field: 'path_pattern', reason: path.reason })
  const host = compileHost(String(value('host_pattern') ?? ''))
  if (!host.ok) problems.push({ field: 'host_pattern', reason: host.reason })
  if (!isMethodList(value('methods')))
    problems.push({
      field: 'methods',
      reason: 'must be a list of HTTP methods in capitals, for example ["GET","POST"]',
    })
  if (!isHeaderMap(value('headers')))
    problems.push({
      field: 'headers',
      reason: 'must be an object of header names and the values to look for',
    })
  const rewrite = value('path_rewrite')
  if (typeof rewrite === 'string') problems.push(...rewriteProblems(rewrite, pattern, matchType))
  return problems
}

function publicProblems(value: ReadsField): FieldProblem[] {
  const scopes = value('scopes')
  if (value('auth_required') !== false || !Array.isArray(scopes) || scopes.length === 0) return []
  return [{ field: 'scopes', reason: 'cannot be asked for where no key is needed' }]
}

function cacheProblems(cache: unknown): readonly FieldProblem[] {
  const judged = judgeCache(cache)
  return judged.ok ? [] : judged.problems
}

function bodyProblems(requestSchema: unknown, validators: BodyValidators): readonly FieldProblem[] {
  const judged = judgeBodyRules(requestSchema, validators)
  return judged.ok ? [] : judged.problems
}

/** Who may call, from where and from which pages. */
function edgeProblems(value: ReadsField): readonly FieldProblem[] {
  const addresses = judgeIpRules(value('allow_ips'), value('deny_ips'))
  const methods = value('methods')
  const cors = judgeCors(value('cors'), isMethodList(methods) && Array.isArray(methods) ? methods : [])
  return [...(addresses.ok ? [] : addresses.problems), ...(cors.ok ? [] : cors.problems)]
}

function expressionProblems(value: ReadsField, expressions: ExpressionCompiler): readonly FieldProblem[] {
  const planned = planRoute(
    {
      request_transform: value('request_transform'),
      response_transform: value('response_transform'),
      metering_mode: (value('metering_mode') ?? 'request') as MeteringMode,
      metering_expr: String(value('metering_expr') ?? '1'),
      metering_fallback: Number(value('metering_fallback') ?? 1),
      metering_max: (value('metering_max') ?? null) as number | null,
      protocol: String(value('protocol') ?? 'http'),
    },
    expressions,
  )
  return planned.ok ? [] : planned.problems
}

const isMethodList = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (Array.isArray(value) &&
    value.every((method) => typeof method === 'string' && /^[A-Z]{1,20}$/.test(method)))

const isHeaderMap = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, wanted]) => token.test(name) && typeof wanted === 'string'))

function rewriteProblems(rewrite: string, pattern: string, matchType: MatchType): FieldProblem[] {
  const problem = (reason: string): FieldProblem[] => [{ field: 'path_rewrite', reason }]
  if (!/^[/{][\x21-\x7e]*$/.test(rewrite) || /[?#\\]/.test(rewrite))
    return problem('must be a path that begins with /, without query or spaces')
  const known = new Set(
    matchType === 'regex'
      ? [...pattern.matchAll(/\{([A-Za-z_][A-Za-z0-9_]*)\}|\(\?<([A-Za-z_][A-Za-z0-9_]*)>/g)].map(
          (match) => match[1] ?? match[2],
        )
      : pattern.endsWith('/*')
        ? ['rest']
        : [],
  )
  for (const match of rewrite.matchAll(/\{([^}]*)\}/g))
    if (!known.has(match[1])) return problem(`names {${match[1]}}, which path_pattern does not capture`)
  return []
}

function protocolProblems(value: ReadsField): FieldProblem[] {
  const method = value('method_override') ?? 'GET'
  if (value('protocol') !== 'websocket' || method === 'GET') return []
  return [{ field: 'method_override', reason: 'must be GET on a route of protocol websocket' }]
}
