import type { ErrorCode } from '#contract/errors.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { OutboundAnswer } from '#ports/outbound-http.ts'
import type { ConsumedApi, ConsumedMethod } from '../../schema/consume-document.ts'
import { parsePath, valueAt } from './json-path.ts'
import { evaluate, parseExpressions } from './mapping.ts'
import { type Attempt, retryAfterMs } from './retry-rule.ts'
import type { Scope } from './template.ts'

/** Whose answer it is, for messages. */
export interface AnswerSource {
  /** What was called, for people: the provider or the module. */
  readonly provider: string
  /** Values that must not come back in a message. */
  readonly secrets: readonly string[]
}

const usual: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_error',
  402: 'payment_required',
  404: 'not_found',
  409: 'conflict',
  422: 'validation_error',
}
const mostMessage = 200

/** The JSON of an answer; undefined when it is empty or no JSON. */
function jsonOf(answer: OutboundAnswer): unknown {
  if (answer.body.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body)) as unknown
  } catch {
    return undefined
  }
}

/** What a service says about its refusal, cut short and without anything that is secret. */
function toldBy(answer: OutboundAnswer, method: ConsumedMethod, source: AnswerSource): string {
  const path = method.response?.error
  const told = path === undefined ? undefined : valueAt(jsonOf(answer), parsePath(path) ?? [])
  if (typeof told !== 'string' || told === '') return ''
  let text = told
  for (const secret of source.secrets) if (secret.length >= 4) text = text.replaceAll(secret, '[redacted]')
  return `: ${text.replaceAll(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, mostMessage)}`
}

const secondsOf = (ms: number | undefined): object =>
  ms === undefined ? {} : { retry_after: Math.max(1, Math.ceil(ms / 1000)) }

/** The refusal that an attempt ended with; undefined when the service has done what it was asked. */
export function refusalOf(
  attempt: Attempt,
  method: ConsumedMethod,
  source: AnswerSource,
  now: number,
): Refusal | undefined {
  const { provider } = source
  if (!attempt.ok) {
    const { kind, reason, wasSent } = attempt.failure
    const details = { provider, reason: kind, was_sent: wasSent }
    return refuse('service_unavailable', `${provider} ${reason}`, details)
  }
  const { answer } = attempt
  if (answer.status >= 200 && answer.status < 300) return undefined
  const told = toldBy(answer, method, source)
  const code = (method.errors?.[answer.status] as ErrorCode | undefined) ?? usual[answer.status]
  const details = { provider, status: answer.status }
  if (code !== undefined) return refuse(code, `${provider} refused it (${answer.status})${told}`, details)
  if (answer.status === 401 || answer.status === 403)
    return refuse(
      'service_unavailable',
      `${provider} does not take our credentials (${answer.status})${told}`,
      {
        ...details,
        reason: 'credentials',
      },
    )
  return refuse('service_unavailable', `${provider} answered ${answer.status}${told}`, {
    ...details,
    ...secondsOf(retryAfterMs(answer, now)),
  })
}

const unreadable = (provider: string, what: string): Refusal =>
  refuse('service_unavailable', `${provider} answered ${what}`, { provider, reason: 'malformed' })

const aroundBody = new Set<unknown>(['$status', '$headers', '$input'])

/** True when a mapping takes something out of the answer itself; where none does, the service may answer in any words. */
function readsBody(mapping: unknown): boolean {
  if (typeof mapping === 'string')
    return (parseExpressions(mapping) ?? []).some(
      (one) => one.kind === 'path' && !aroundBody.has(one.path[0]),
    )
  if (typeof mapping !== 'object' || mapping === null) return false
  return Object.values(mapping).some(readsBody)
}

/** The fields that `response.set` takes out of an answer. */
export function fieldsOf(
  answer: OutboundAnswer,
  method: ConsumedMethod,
  input: Readonly<Record<string, unknown>>,
  scope: Scope,
  provider: string,
): Outcome<Readonly<Record<string, unknown>>> {
  const body = jsonOf(answer)
  const isRead = method.response?.items !== undefined || readsBody(method.response?.set)
  if (isRead && body === undefined && answer.body.length > 0)
    return unreadable(provider, 'with something that is not JSON')
  const roots = { $status: answer.status, $headers: answer.headers, $input: input, $body: body }
  const entries = Object.entries(method.response?.set ?? {})
    .map(([name, mapping]) => [name, evaluate(mapping, { data: body, roots, scope })] as const)
    .filter(([, value]) => value !== undefined)
  return accept(Object.fromEntries(entries))
}

/** The items of one page, each as `response.map` describes it. */
export function itemsOf(
  answer: OutboundAnswer,
  method: ConsumedMethod,
  scope: Scope,
  provider: string,
): Outcome<readonly unknown[]> {
  const found = valueAt(jsonOf(answer), parsePath(method.response?.items ?? '$') ?? [])
  if (!Array.isArray(found)) return unreadable(provider, 'without the list that was expected')
  const { map } = method.response ?? {}
  return accept(map === undefined ? found : found.map((item) => evaluate(map, { data: item, scope }) ?? {}))
}

/** Where the next page is: parameters of the query, or an address on the same host; undefined after the last. */
export function nextPage(
  answer: OutboundAnswer,
  pagination: NonNullable<ConsumedApi['methods'][string]['pagination']>,
  page: { readonly number: number; readonly itemCount: number; readonly url: URL },
): { readonly value: string } | { readonly url: URL } | undefined {
  const body = jsonOf(answer)
  if (pagination.more !== undefined && valueAt(body, parsePath(pagination.more) ?? []) !== true)
    return undefined
  if (pagination.type === 'page') {
    const isLast = page.itemCount === 0 || page.itemCount < (pagination.size ?? 1)
    return isLast ? undefined : { value: String(page.number + 1) }
  }
  if (pagination.type === 'cursor') {
    const cursor = valueAt(body, parsePath(pagination.next ?? '') ?? [])
    const isThere = (typeof cursor === 'string' && cursor !== '') || typeof cursor === 'number'
    return isThere ? { value: String(cursor) } : undefined
  }
  const link = /<([^<>]+)>\s*;[^,]*\brel="?next"?/i.exec(answer.headers['link'] ?? '')?.[1]
  if (link === undefined || !URL.canParse(link, page.url.href)) return undefined
  return { url: new URL(link, page.url) }
}
