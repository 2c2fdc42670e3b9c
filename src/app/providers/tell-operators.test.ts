import { expect, test } from 'vitest'
import { isWanted } from './tell-operators.ts'

test('operators hear of everything unless they have said of what', () => {
  for (const [list, event, expected] of [
    ['', 'payment.flagged', true],
    [' , ', 'payment.flagged', true],
    ['provider.error', 'provider.error', true],
    ['provider.error', 'provider.recovered', false],
    ['provider.error, dispute.*', 'dispute.open', true],
    ['dispute.*', 'disputes.open', false],
    ['dispute.*', 'payment.flagged', false],
    ['*', 'payment.flagged', true],
  ] as const)
    expect(isWanted(list, event), `${list} ${event}`).toBe(expected)
})
