import { expect, test } from 'vitest'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { createNoteTold } from './note-told.ts'

const note = (field: string, told: string | undefined, before: Record<string, unknown>) => {
  const input: Record<string, unknown> = { told, mail_due: false }
  const done = createNoteTold(field)({ input, before } as unknown as BehaviourContext)
  return { done, input }
}

test('who was told of a record that has become something else since is told of that, too', () => {
  expect(note('status', 'open', { status: 'paid' }).done).toMatchObject({ ok: false, code: 'conflict' })
  const since = '2026-11-01T00:00:00.000Z'
  expect(note('restricted_at', since, { restricted_at: null }).done).toMatchObject({ ok: false })
})

test('who was told of a record as it is now is told once, and nothing of the telling is stored', () => {
  for (const { done, input } of [
    note('status', 'open', { status: 'open' }),
    note('restricted_at', '', { restricted_at: null }),
  ]) {
    expect(done).toBeUndefined()
    expect(input).toEqual({ mail_due: false })
  }
})
