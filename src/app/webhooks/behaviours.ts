import { type FieldProblem, refuse, refuseFields } from '#contract/outcome.ts'
import { judgeEventFilter } from '#domain/webhook/event-filter.ts'
import { judgeWebhookUrl } from '#domain/webhook/webhook-url.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { Ids } from '#ports/ids.ts'
import { allowsPrivateWebhooks } from './webhook-settings.ts'

interface WebhookParts {
  readonly ids: Ids
  readonly isPrivateHost: (host: string) => boolean
}

const secretBytes = 32
const dayMs = 86_400_000

/** What the modules of webhooks call in their hooks, by the name their YAML uses. */
export function createWebhookBehaviours(parts: WebhookParts): Readonly<Record<string, Behaviour>> {
  return {
    webhook_delivery_replay: replayDelivery,
    webhook_endpoint_check: async (context) => refusalOf(await problemsOf(parts, context)),
    webhook_endpoint_check_active: checkActive,
    webhook_endpoint_disable: disable,
    webhook_endpoint_issue: issueEndpoint(parts),
    webhook_endpoint_note_health: noteHealth,
    webhook_endpoint_replay: replayEndpoint,
    webhook_endpoint_rotate: rotateSecret(parts),
  }
}

const refusalOf = (problems: readonly FieldProblem[]) =>
  problems.length === 0 ? undefined : refuseFields(problems)

async function problemsOf(
  { isPrivateHost }: WebhookParts,
  { input, records }: BehaviourContext,
): Promise<readonly FieldProblem[]> {
  const problem = judgeEventFilter(input['events'])
  const url = input['url']
  const reason =
    typeof url === 'string'
      ? judgeWebhookUrl(url, { allowsPrivate: await allowsPrivateWebhooks(records), isPrivateHost })
      : undefined
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(reason === undefined ? [] : [{ field: 'url', reason }]),
  ]
}

const newSecret = ({ ids }: WebhookParts): string =>
  `whsec_${Buffer.from(ids.randomHex(secretBytes), 'hex').toString('base64')}`

/** before webhook_endpoint.create: checks it and gives it its secret, which is shown this once. */
const issueEndpoint =
  (parts: WebhookParts): Behaviour =>
  async (context) => {
    const problems = await problemsOf(parts, context)
    if (problems.length > 0) return refuseFields(problems)
    const secret = newSecret(parts)
    context.input['signing_secret'] = secret
    context.revealOnce('secret', secret)
    return undefined
  }

/** before webhook_endpoint.rotate_secret: the former secret signs beside the new one for the grace; the one before it does no more. */
const rotateSecret =
  (parts: WebhookParts): Behaviour =>
  ({ input, before, now, revealOnce }) => {
    const secret = newSecret(parts)
    const graceMs = Number(input['grace_seconds'] ?? dayMs / 1000) * 1000
    input['previous_secret'] = graceMs === 0 ? null : before?.['signing_secret']
    input['previous_secret_until'] = graceMs === 0 ? null : new Date(now + graceMs).toISOString()
    input['signing_secret'] = secret
    revealOnce('secret', secret)
    return undefined
  }

/** before webhook_endpoint.test: a test that would wait tells nobody anything. */
const checkActive: Behaviour = ({ before }) =>
  before?.['status'] === 'active'
    ? undefined
    : refuse('illegal_transition', 'The endpoint is not active: activate it first', { field: 'id' })

/** before webhook_endpoint.replay: the time goes out with the event, by which deliveries become due again. */
const replayEndpoint: Behaviour = ({ input }) => {
  input['replay_since'] = input['since']
  return undefined
}

/** before webhook_endpoint.disable */
const disable: Behaviour = ({ input, now }) => {
  input['status'] = 'disabled'
  input['last_error'] = input['reason']
  input['disabled_at'] = new Date(now).toISOString()
  return undefined
}

/** before webhook_endpoint.note_health: without a time it works again. */
const noteHealth: Behaviour = ({ input }) => {
  input['failing_since'] = input['failed_at'] ?? null
  input['last_error'] = input['reason'] ?? null
  return undefined
}

/** before webhook_delivery.replay: what is on its way already is not sent twice. */
const replayDelivery: Behaviour = ({ input, before, now }) => {
  if (before?.['state'] === 'pending')
    return refuse('illegal_transition', 'The delivery is on its way already', { field: 'id' })
  input['state'] = 'pending'
  input['tries'] = 0
  input['next_attempt_at'] = new Date(now).toISOString()
  return undefined
}
