import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isHealthyStatus, newHealth, observe } from './health.ts'

it('a target changes sides exactly when that many checks in a row contradict it', () => {
  const rules = fc.record({
    healthyAfter: fc.integer({ min: 1, max: 4 }),
    unhealthyAfter: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(rules, fc.array(fc.boolean(), { maxLength: 60 }), (rule, checks) => {
      const health = newHealth()
      let isUp = true
      let since = 0
      for (const [index, isGood] of checks.entries()) {
        const wanted = isUp ? rule.unhealthyAfter : rule.healthyAfter
        const last = checks.slice(since, index + 1).slice(-wanted)
        const changes = last.length === wanted && last.every((one) => one !== isUp)
        expect(observe(health, rule, isGood)).toBe(changes)
        if (changes) [isUp, since] = [!isUp, index + 1]
        expect(health.isUp).toBe(isUp)
      }
    }),
  )
})

it.each([
  [199, false],
  [200, true],
  [204, true],
  [399, true],
  [400, false],
  [503, false],
])('an answer with %i speaks for the target: %s', (status, isHealthy) => {
  expect(isHealthyStatus(status)).toBe(isHealthy)
})
