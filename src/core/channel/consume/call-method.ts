import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { OutboundAnswer, OutboundHttp } from '#ports/outbound-http.ts'
import type { ConsumedApi, ConsumedMethod } from '../../schema/consume-document.ts'
import { type BuiltRequest, buildRequest, checkHeader } from './build-request.ts'
import { parsePath, valueAt } from './json-path.ts'
import { fieldsOf, itemsOf, nextPage, refusalOf } from './read-answer.ts'
import { type Attempt, waitBeforeNext } from './retry-rule.ts'
import { signedHeaders } from './sign-request.ts'
import { type Scope, scalarText } from './template.ts'

/** What calls to consumed APIs are made with. */
export interface ConsumeDependencies {
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly log: Log
  /** For `${VARIABLE}`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Resolves after the time, or rejects when the signal says so. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** From 0 to 1. */
  readonly chance: () => number
  /** A key that no other call has. */
  readonly newKey: () => string
}

/** One call of a method that YAML describes. */
export interface ConsumedCall {
  readonly api: ConsumedApi
  readonly method: ConsumedMethod
  /** Who is called, for messages and logs. */
  readonly provider: string
  readonly input: Readonly<Record<string, unknown>>
  /** For `${field}`, secrets in the clear. */
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: readonly string[]
  readonly allowsPrivate: boolean
  readonly signal?: AbortSignal
}

const defaultTimeoutMs = 10_000
const defaultMostBytes = 5_242_880
const defaultMostPages = 50

function scopeOf(deps: ConsumeDependencies, call: ConsumedCall): Scope {
  return (name) => {
    if (name.startsWith('input.')) return scalarText(valueAt(call.input, parsePath(name.slice(6)) ?? []))
    if (/^[A-Z]/.test(name)) return name.startsWith('APIGATE_') ? undefined : deps.environment[name]
    return Object.hasOwn(call.config, name) ? scalarText(call.config[name]) : undefined
  }
}

async function attemptOnce(
  deps: ConsumeDependencies,
  call: ConsumedCall,
  request: BuiltRequest,
  scope: Scope,
): Promise<Outcome<Attempt>> {
  // Signed anew each time: a signature with a time in it grows old.
  const headers = signedHeaders(call.api.auth, request, scope, deps.clock.now())
  if (!headers.ok) return headers
  const sent = await deps.http({
    method: request.method,
    url: request.url,
    headers: headers.value,
    ...(request.body === undefined ? {} : { body: request.body }),
    timeoutMs: call.method.timeout_ms ?? call.api.timeout_ms ?? defaultTimeoutMs,
    mostResponseBytes: call.api.most_response_bytes ?? defaultMostBytes,
    allowsPrivate: call.allowsPrivate,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
  return accept(sent)
}

async function send(
  deps: ConsumeDependencies,
  call: ConsumedCall,
  request: BuiltRequest,
  scope: Scope,
): Promise<Outcome<OutboundAnswer>> {
  for (let done = 1; ; done++) {
    const startedAt = deps.clock.now()
    const attempt = await attemptOnce(deps, call, request, scope)
    if (!attempt.ok) return attempt
    const now = deps.clock.now()
    const { provider, method } = call
    const result = attempt.value.ok
      ? { status: attempt.value.answer.status }
      : { failure: attempt.value.failure.kind }
    // The path as the YAML has it: the real one may carry what nobody should read.
    deps.log.debug(
      {
        provider,
        method: request.method,
        host: request.url.host,
        path: method.path,
        attempt: done,
        ...result,
        ms: now - startedAt,
      },
      'called',
    )
    const refusal = refusalOf(attempt.value, method, { provider, secrets: call.secrets }, now)
    if (refusal === undefined && attempt.value.ok) return accept(attempt.value.answer)
    const waitMs = waitBeforeNext(call.api, method, attempt.value, done, now, deps.chance())
    if (refusal !== undefined && waitMs === undefined) return refusal
    await deps.wait(waitMs ?? 0, call.signal)
  }
}

/** Adds the key that makes a repetition the same call: the caller's own where there is one. */
function withKey(
  deps: ConsumeDependencies,
  call: ConsumedCall,
  request: BuiltRequest,
): Outcome<BuiltRequest> {
  const header = call.method.idempotency_header
  if (header === undefined) return accept(request)
  const key = checkHeader(header, scalarText(call.input['idempotency_key']) ?? deps.newKey())
  return key.ok
    ? accept({ ...request, headers: { ...request.headers, [header.toLowerCase()]: key.value } })
    : key
}

async function sendPages(
  deps: ConsumeDependencies,
  call: ConsumedCall,
  first: BuiltRequest,
  scope: Scope,
): Promise<Outcome<Readonly<Record<string, unknown>>>> {
  const { pagination, response } = call.method
  if (pagination === undefined) throw new Fault('internal_error', 'a method without pages was asked for them')
  const { provider } = call
  const items: unknown[] = []
  let fields: Readonly<Record<string, unknown>> = {}
  let number = pagination.first ?? 1
  const url = new URL(first.url)
  if (pagination.size_parameter !== undefined && pagination.size !== undefined)
    url.searchParams.set(pagination.size_parameter, String(pagination.size))
  if (pagination.type === 'page') url.searchParams.set(pagination.parameter ?? '', String(number))
  let request: BuiltRequest = { ...first, url }
  for (let page = 1; page <= (pagination.most_pages ?? defaultMostPages); page++) {
    const answer = await send(deps, call, request, scope)
    if (!answer.ok) return answer
    const found = itemsOf(answer.value, call.method, scope, provider)
    if (!found.ok) return found
    items.push(...found.value)
    if (page === 1) {
      const set = fieldsOf(answer.value, call.method, call.input, scope, provider)
      if (!set.ok) return set
      fields = set.value
    }
    const at = { number, itemCount: found.value.length, url: request.url }
    const next = nextPage(answer.value, pagination, at)
    if (next === undefined) return accept({ ...fields, [response?.into ?? 'items']: items })
    const nextUrl = 'url' in next ? next.url : new URL(request.url)
    if ('value' in next) nextUrl.searchParams.set(pagination.parameter ?? '', next.value)
    if (nextUrl.origin !== first.url.origin || nextUrl.username !== '')
      return refuse('service_unavailable', `${provider} points to another host for the next page`, {
        provider,
      })
    number += 1
    request = { ...request, url: nextUrl }
  }
  // A list that was cut would look like a whole one.
  const reason = `${provider} has more pages than "most_pages" allows`
  return refuse('service_unavailable', reason, { provider, reason: 'too_many_pages' })
}

/**
 * Calls a method as its YAML describes it and answers the fields that `response` takes out. What the service refuses is the refusal of its
 * status; a service that cannot be reached, is too slow, or answers nonsense is `service_unavailable` with its name. Secrets are in no
 * message and no log.
 */
export async function callMethod(
  deps: ConsumeDependencies,
  call: ConsumedCall,
): Promise<Outcome<Readonly<Record<string, unknown>>>> {
  const { provider } = call
  try {
    const scope = scopeOf(deps, call)
    const built = buildRequest(call.api, call.method, call.input, scope)
    if (!built.ok) return built
    const request = withKey(deps, call, built.value)
    if (!request.ok) return request
    if (call.method.pagination !== undefined) return await sendPages(deps, call, request.value, scope)
    const answer = await send(deps, call, request.value, scope)
    if (!answer.ok) return answer
    const fields = fieldsOf(answer.value, call.method, call.input, scope, provider)
    if (!fields.ok || call.method.response?.items === undefined) return fields
    const items = itemsOf(answer.value, call.method, scope, provider)
    return items.ok ? accept({ ...fields.value, [call.method.response.into ?? 'items']: items.value }) : items
  } catch (error) {
    // Only what the configuration lacks: our own sentences, which name no value.
    if (!(error instanceof Fault) || error.code !== 'service_unavailable') throw error
    return refuse('service_unavailable', `${provider}: ${error.message}`, {
      provider,
      reason: 'configuration',
    })
  }
}
