import type { WebhookEndpointRow } from '#contract/rows.gen.ts'
import type { Log } from '#ports/log.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { TellOperators } from '../providers/tell-operators.ts'
import type { TellDisabled } from './endpoint-health.ts'

const mostReaders = 20

/** Mails the owners and admins of the endpoint's organization; of an endpoint of the platform the operators get a notification. */
export function createTellDisabled(deps: {
  readonly records: Pick<Records, 'get' | 'list'>
  readonly sendMail: SendMail
  readonly tell: TellOperators
  readonly log: Log
}): TellDisabled {
  return (endpoint, error, key) =>
    endpoint.organization_id === null
      ? notify(deps, endpoint, error, key)
      : mail(deps, endpoint, endpoint.organization_id, error, key)
}

/** Where an endpoint is, without what its address may hold of secrets. */
const placeOf = ({ url }: WebhookEndpointRow): string => new URL(url).origin

async function notify(
  { tell, log }: { readonly tell: TellOperators; readonly log: Log },
  endpoint: WebhookEndpointRow,
  error: string,
  key: string,
): Promise<void> {
  const isTold = await tell({
    event: 'webhook_endpoint.disabled',
    severity: 'error',
    title: `The webhook endpoint at ${placeOf(endpoint)}`.slice(0, 180),
    text: `It was disabled: ${error}`,
    data: { endpoint_id: endpoint.id },
    key: `webhook_disabled ${key}`,
  })
  const fields = { endpoint: endpoint.id, reason: error }
  if (isTold) log.warn(fields, 'a webhook endpoint of the platform was disabled')
  else log.error(fields, 'a webhook endpoint of the platform was disabled and nobody could be told')
}

async function mail(
  { records, sendMail }: { readonly records: Pick<Records, 'get' | 'list'>; readonly sendMail: SendMail },
  endpoint: WebhookEndpointRow,
  organizationId: string,
  error: string,
  key: string,
): Promise<void> {
  const organization = await records.get('organization', organizationId)
  const { items } = await records.list('membership', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'role', op: 'in', value: ['owner', 'admin'] },
    ],
    sort: { field: 'created_at', descending: false },
    limit: mostReaders,
  })
  for (const { user_id: userId } of items) {
    const user = await records.get('user', userId)
    if (user === undefined || user.status === 'cancelled') continue
    await sendMail({
      template: 'webhook_disabled',
      to: user.email,
      data: { organization: organization?.name ?? '', endpoint: placeOf(endpoint), error },
      dedupeKey: `webhook_disabled ${key} ${userId}`,
    })
  }
}
