import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type NaivePlan, naivePeriod } from '#test/billing/naive-rater.ts'
import { naivePlans, starter, written } from '#test/billing/random-plans.ts'
import { sumOf } from '../pricing/charge-line.ts'
import { readPrice } from '../pricing/read-price.ts'
import { prorate } from './proration.ts'
import { ratePeriod, type UsedSegment } from './rate-period.ts'
import { segmentsOf, type TermsChange } from './timeline.ts'

const november = { startMs: Date.UTC(2026, 10), endMs: Date.UTC(2026, 11) }
const span = { ...november, proratesStart: false }
const at = (text: string): number => Date.parse(`2026-11-${text}Z`)
const change = (atMs: number, planId: string, status = 'active'): TermsChange => ({
  atMs,
  planId,
  priceVersionId: `${planId}_1`,
  status,
})

function priceOf(monthly: number, included = 10_000) {
  const read = readPrice({ ...starter, price_monthly: monthly, requests_per_month: included })
  if (!read.ok) throw new Error('no price')
  return read.price
}
const prices = { starter: priceOf(1000), pro: priceOf(5000, 50_000), free: priceOf(0, 0) }

function bill(changes: readonly TermsChange[], units: readonly number[], over: object = {}) {
  const used = segmentsOf(changes, november).map((segment, index): UsedSegment => {
    const planName = segment.planId as keyof typeof prices
    return { ...segment, planName, price: prices[planName], units: units[index] ?? 0 }
  })
  return ratePeriod({ ...span, ...over }, used)
}
const total = (...args: Parameters<typeof bill>): bigint => sumOf(bill(...args))

describe('a period', () => {
  test('under one plan costs what the plan costs: 60.00 USD for starter with 15,000 requests', () => {
    expect(total([change(0, 'starter')], [15_000])).toBe(6000n)
  })

  test('with an upgrade in its middle costs half of each fee, and what is included is there once', () => {
    const lines = bill([change(0, 'starter'), change(at('16T00:00:00'), 'pro')], [9_000, 42_000])
    expect(lines.map(({ kind, amountMinor, planId }) => [kind, amountMinor, planId])).toEqual([
      ['base', 500n, 'starter'],
      ['base', 2500n, 'pro'],
      ['overage', 1000n, 'pro'],
    ])
    expect(lines[0]).toMatchObject({ fromMs: november.startMs, toMs: at('16T00:00:00') })
  })

  test('that a subscription begins late costs its whole fee, or its part where the plan prorates the start', () => {
    expect(total([change(at('16T00:00:00'), 'starter')], [])).toBe(1000n)
    expect(total([change(at('16T00:00:00'), 'starter')], [], { proratesStart: true })).toBe(500n)
  })

  test('counts a change to the second', () => {
    const second = total([change(0, 'free'), change(at('30T23:59:59'), 'pro')], [])
    expect(second).toBe(0n)
    const day = total([change(0, 'free'), change(at('30T00:00:00'), 'pro')], [])
    expect(day).toBe(167n)
  })

  test('costs nothing during a trial and a pause, and their use does not use up what is included', () => {
    const trial = [change(0, 'starter', 'trialing'), change(at('16T00:00:00'), 'starter')]
    expect(total(trial, [8_000, 10_001])).toBe(501n)
    const pause = [
      change(0, 'starter'),
      change(at('11T00:00:00'), 'starter', 'paused'),
      change(at('21T00:00:00'), 'starter'),
    ]
    expect(total(pause, [10_000, 0, 1])).toBe(333n + 333n + 1n)
  })

  test('costs nothing while a cancelled trial runs out', () => {
    const changes = [
      change(0, 'starter', 'trialing'),
      change(at('05T00:00:00'), 'starter', 'cancelled'),
      change(at('15T00:00:00'), 'starter', 'ended'),
    ]
    expect(total(changes, [20_000, 20_000])).toBe(0n)
  })

  test('before the subscription began or after it ended costs nothing', () => {
    expect(bill([change(november.endMs, 'starter')], [])).toEqual([])
    expect(total([change(0, 'starter'), change(november.startMs, 'starter', 'ended')], [])).toBe(0n)
  })

  test('is one stretch where nothing changed that costs money', () => {
    const changes = [change(0, 'starter'), change(at('09T10:00:00'), 'starter', 'past_due')]
    expect(segmentsOf(changes, november)).toHaveLength(1)
  })
})

test('for any plans, switches and use, a rater that counts second by second comes to the same total', () => {
  const seconds = 120
  const second = fc.nat(seconds - 1)
  const inOneCurrency = (plan: NaivePlan): NaivePlan => ({ ...plan, decimals: 2 })
  const switches = fc.array(
    fc.record({ at: second, plan: fc.option(naivePlans.map(inOneCurrency), { freq: 4 }) }),
    { minLength: 1, maxLength: 5 },
  )
  fc.assert(
    fc.property(switches, fc.array(second, { maxLength: 400 }), (drawn, uses) => {
      const turns = drawn.toSorted((one, other) => one.at - other.at)
      const first = turns[0]
      if (first !== undefined) turns.splice(0, 1, { ...first, at: 0 })
      const changes = turns.map(({ at: turn, plan }, index) => ({
        atMs: turn * 1000,
        planId: String(index),
        priceVersionId: String(index),
        status: plan === null ? 'paused' : 'active',
      }))
      const used = segmentsOf(changes, { startMs: 0, endMs: seconds * 1000 }).flatMap(
        (segment): UsedSegment[] => {
          const plan = turns[Number(segment.planId)]?.plan ?? null
          const held = uses.filter((use) => use * 1000 >= segment.fromMs && use * 1000 < segment.toMs)
          const price = plan === null ? prices.free : written(plan)
          return [{ ...segment, planName: segment.planId, price, units: held.length }]
        },
      )
      const lines = ratePeriod({ startMs: 0, endMs: seconds * 1000, proratesStart: true }, used)
      expect(sumOf(lines)).toBe(naivePeriod(seconds, turns, uses))
    }),
    { numRuns: 300 },
  )
})

describe('a proration', () => {
  const stretch = {
    fromMs: november.startMs,
    wholeFromMs: november.startMs,
    endMs: november.endMs,
    isCharged: true,
  }

  test('of an upgrade in the middle of the month credits half of the old fee and charges half of the new one', () => {
    expect(prorate(prices.starter, prices.pro, stretch, at('16T00:00:00'))).toEqual({
      creditMinor: 500n,
      chargeMinor: 2500n,
      netMinor: 2000n,
      unusedSeconds: 15 * 86_400,
      periodSeconds: 30 * 86_400,
    })
  })

  test('gives no credit for a trial, which nobody paid for', () => {
    const trial = { ...stretch, isCharged: false }
    expect(prorate(prices.starter, prices.pro, trial, at('16T00:00:00'))).toMatchObject({
      creditMinor: 0n,
      chargeMinor: 0n,
    })
  })

  test('is exactly what the change adds to the invoice, and its credit never exceeds the fee, for any moment', () => {
    const moment = fc.integer({ min: november.startMs, max: november.endMs - 1 })
    fc.assert(
      fc.property(moment, moment, fc.nat(10 ** 6), fc.nat(10 ** 6), (one, other, oldFee, newFee) => {
        const [fromMs, atMs] = one < other ? [one, other] : [other, one]
        const [from, to] = [priceOf(oldFee), priceOf(newFee)]
        const segment = (planName: string, price: typeof from, start: number, end: number): UsedSegment => ({
          fromMs: start,
          toMs: end,
          planId: planName,
          priceVersionId: null,
          isCharged: true,
          price,
          planName,
          units: 0,
        })
        const whole = { ...november, proratesStart: true }
        const before = sumOf(ratePeriod(whole, [segment('old', from, fromMs, november.endMs)]))
        const after = sumOf(
          ratePeriod(whole, [segment('old', from, fromMs, atMs), segment('new', to, atMs, november.endMs)]),
        )
        const proration = prorate(from, to, { ...stretch, fromMs }, atMs)
        expect(proration.netMinor).toBe(after - before)
        expect(proration.creditMinor).toBeLessThanOrEqual(before)
      }),
    )
  })
})
