import { expect, test } from 'vitest'
import { createWebhookLog } from '#adapters/sql/webhook-log.ts'
import type { NewDelivery } from '#ports/webhook-log.ts'
import { webhookHouse } from './webhook-house.ts'

test('behind a thousand deliveries that wait for an earlier one, the one of another record is found, and those come later in their order', async () => {
  const house = await webhookHouse()
  const log = createWebhookLog(house.running.house.database.db)
  const delivery = (seq: number, recordId: string): NewDelivery => ({
    id: `whd_${seq}`,
    organizationId: null,
    endpointId: 'whe_1',
    eventId: `evt_${seq}`,
    type: 'plan.updated',
    recordId,
    seq,
    body: '{}',
  })
  const now = Date.parse('2026-11-20T12:00:00Z')
  const busy = Array.from({ length: 1_000 }, (_, seq) => delivery(seq, 'pln_busy'))
  await log.add([...busy, delivery(1_000, 'pln_quiet')], now)
  await log.add(busy, now)
  const due = async (at: number) => (await log.due('whe_1', at, 8)).map(({ seq }) => seq)
  expect(await due(now)).toEqual([0])
  const attempt = { at: now, durationMs: 1, status: 500 }
  await log.note({ ...attempt, id: 'whd_0', error: 'The receiver answered 500', nextAttemptAt: now + 5_000 })
  expect(await due(now)).toEqual([1_000])
  await log.note({ ...attempt, id: 'whd_1000', error: undefined, nextAttemptAt: undefined })
  expect(await due(now)).toEqual([])
  const later = now + 5_000
  for (const seq of [0, 1, 2]) {
    expect(await due(later)).toEqual([seq])
    await log.note({ ...attempt, id: `whd_${seq}`, error: undefined, nextAttemptAt: undefined })
  }
})
