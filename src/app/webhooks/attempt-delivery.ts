import type { WebhookEndpointRow } from '#contract/rows.gen.ts'
import { judgeAnswer, type Verdict } from '#domain/webhook/judge-attempt.ts'
import { nextAttemptAt } from '#domain/webhook/retry-schedule.ts'
import type { Clock } from '#ports/clock.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'
import type { DueDelivery, WebhookLog } from '#ports/webhook-log.ts'
import type { SignWebhook } from '#ports/webhook-signature.ts'

const timeoutMs = 10_000
const mostAnswerBytes = 64 * 1024

/** What an attempt needs. */
export interface AttemptParts {
  readonly log: Pick<WebhookLog, 'note'>
  readonly http: OutboundHttp
  readonly sign: SignWebhook
  readonly clock: Clock
  readonly chance: () => number
  readonly metrics: Pick<Metrics, 'webhookDelivery'>
}

/** How endpoints are treated now. */
export interface AttemptRules {
  readonly attempts: number
  readonly allowsPrivate: boolean
  readonly signal: AbortSignal
}

/** How an attempt ended for its endpoint; `gaveUp` is one after which nothing more is tried. */
export type AttemptEnd =
  | { readonly kind: 'delivered' }
  | FailedAttempt
  /** Broken off on our side; not counted. */
  | { readonly kind: 'aborted' }

/** One that the receiver did not take. */
export interface FailedAttempt {
  readonly kind: 'failed' | 'gaveUp' | 'gone'
  readonly error: string
}

/** The secrets that sign now: the current one, and for its grace the former one. */
function secretsOf(endpoint: WebhookEndpointRow, now: number): readonly string[] {
  const { signing_secret: secret, previous_secret: previous, previous_secret_until: until } = endpoint
  const isInGrace = previous !== null && until !== null && Date.parse(until) > now
  return [...(secret === null ? [] : [secret]), ...(isInGrace ? [previous] : [])]
}

/** Sends a delivery once and notes how it went. */
export async function attemptDelivery(
  parts: AttemptParts,
  endpoint: WebhookEndpointRow,
  delivery: DueDelivery,
  rules: AttemptRules,
): Promise<AttemptEnd> {
  const { log, clock, metrics } = parts
  const begun = clock.now()
  const { status, verdict } = await send(parts, endpoint, delivery, rules)
  if (verdict === 'aborted') return { kind: 'aborted' }
  const now = clock.now()
  const attempt = { id: delivery.id, at: now, durationMs: now - begun, status }
  metrics.webhookDelivery(verdict.kind === 'delivered')
  if (verdict.kind === 'delivered') {
    await log.note({ ...attempt, error: undefined, nextAttemptAt: undefined })
    return { kind: 'delivered' }
  }
  const next = nextAttemptAt({
    tries: delivery.tries + 1,
    attempts: rules.attempts,
    now,
    chance: parts.chance(),
    askedMs: verdict.kind === 'failed' ? verdict.askedMs : undefined,
  })
  await log.note({ ...attempt, error: verdict.error, nextAttemptAt: next })
  if (verdict.kind === 'gone') return { kind: 'gone', error: verdict.error }
  return { kind: next === undefined ? 'gaveUp' : 'failed', error: verdict.error }
}

async function send(
  { http, sign, clock }: AttemptParts,
  endpoint: WebhookEndpointRow,
  { eventId, body }: DueDelivery,
  { allowsPrivate, signal }: AttemptRules,
): Promise<{ status: number | undefined; verdict: Verdict | 'aborted' }> {
  const now = clock.now()
  const result = await http({
    method: 'POST',
    url: new URL(endpoint.url),
    headers: sign(secretsOf(endpoint, now), { id: eventId, body }, now),
    body,
    timeoutMs,
    mostResponseBytes: mostAnswerBytes,
    allowsPrivate,
    signal,
  })
  if (result.ok) {
    const { status, headers } = result.answer
    return { status, verdict: judgeAnswer(status, headers['retry-after'], clock.now()) }
  }
  const { kind, reason } = result.failure
  if (kind === 'aborted') return { status: undefined, verdict: 'aborted' }
  const error = kind === 'refused_address' ? 'The receiver is a private address' : `The receiver ${reason}`
  return { status: undefined, verdict: { kind: 'failed', error, askedMs: undefined } }
}
