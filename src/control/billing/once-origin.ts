import { createHash } from 'node:crypto'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Ids } from '#ports/ids.ts'
import type { ControlRequest } from '../route-table.ts'

const keyForm = /^[\x21-\x7e]{1,255}$/

/**
 * Names what a request makes: with the same Idempotency-Key somebody's request is the same thing for ever, without one each is its own.
 * A request id is no such name: clients and proxies send what they like.
 */
export function onceOrigin(
  { actor, request }: Pick<ControlRequest, 'actor' | 'request'>,
  { ids }: { readonly ids: Pick<Ids, 'next'> },
): Outcome<string> {
  const key = request.headers.get('idempotency-key')
  if (key === null) return accept(ids.next('req'))
  if (!keyForm.test(key))
    return refuseFields([{ field: 'Idempotency-Key', reason: 'must be 1 to 255 visible ASCII characters' }])
  const within = 'organizationId' in actor ? actor.organizationId : ''
  const whose = actor.kind === 'anonymous' ? '' : actor.id
  const name = JSON.stringify([actor.kind, whose, within, key])
  return accept(`key:${createHash('sha256').update(name).digest('hex')}`)
}
