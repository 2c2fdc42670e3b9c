import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { abandon, enter, fail, msUntilPassable, newBreaker, noTicket, succeed } from './breaker.ts'

const rule = { failures: 3, openMs: 1_000 }

function opened(at = 0) {
  const breaker = newBreaker()
  for (let turn = 0; turn < rule.failures; turn++) fail(breaker, rule, enter(breaker, rule, at), at)
  return breaker
}

describe('the breaker', () => {
  it('opens at the given number of consecutive failures, and a success in between starts the count anew', () => {
    const breaker = newBreaker()
    for (const isGood of [false, false, true, false, false]) {
      const ticket = enter(breaker, rule, 0)
      if (isGood) succeed(breaker, ticket)
      else expect(fail(breaker, rule, ticket, 0)).toBe(false)
    }
    expect(fail(breaker, rule, enter(breaker, rule, 0), 0)).toBe(true)
    expect(enter(breaker, rule, 999)).toBe(noTicket)
  })

  it('lets exactly one probe through when its time is over, whose success closes it', () => {
    const breaker = opened()
    const probe = enter(breaker, rule, 1_000)
    expect(probe).not.toBe(noTicket)
    expect(enter(breaker, rule, 5_000)).toBe(noTicket)
    expect(succeed(breaker, probe)).toBe(true)
    expect(enter(breaker, rule, 5_000)).not.toBe(noTicket)
    expect(breaker.failures).toBe(0)
  })

  it('is open for its whole time again when the probe fails', () => {
    const breaker = opened()
    fail(breaker, rule, enter(breaker, rule, 1_000), 1_400)
    expect(msUntilPassable(breaker, rule, 1_400)).toBe(1_000)
    expect(enter(breaker, rule, 2_399)).toBe(noTicket)
    expect(enter(breaker, rule, 2_400)).not.toBe(noTicket)
  })

  it('lets another probe through at once when one ended without a result', () => {
    const breaker = opened()
    abandon(breaker, enter(breaker, rule, 1_000))
    expect(enter(breaker, rule, 1_001)).not.toBe(noTicket)
  })

  it('does not hear what was let through before it changed', () => {
    const breaker = newBreaker()
    const early = enter(breaker, rule, 0)
    for (let turn = 0; turn < 3; turn++) fail(breaker, rule, enter(breaker, rule, 0), 0)
    expect(succeed(breaker, early)).toBe(false)
    expect(fail(breaker, rule, early, 500)).toBe(false)
    expect(msUntilPassable(breaker, rule, 500)).toBe(500)
    succeed(breaker, enter(breaker, rule, 1_000))
    for (let turn = 0; turn < 9; turn++) fail(breaker, rule, early, 1_000)
    expect(breaker.phase).toBe('closed')
  })

  it('never opens with a limit of 0', () => {
    const breaker = newBreaker()
    const off = { failures: 0, openMs: 1_000 }
    for (let turn = 0; turn < 99; turn++)
      expect(fail(breaker, off, enter(breaker, off, turn), turn)).toBe(false)
  })

  it('is not kept open by a clock that went back', () => {
    const breaker = opened(1_000_000)
    expect(msUntilPassable(breaker, rule, 10)).toBe(1_000)
    expect(enter(breaker, rule, 1_010)).not.toBe(noTicket)
  })

  it('agrees with a recount of the history, in any order of results', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 700 }),
      what: fc.constantFrom('enter', 'good', 'bad', 'left'),
      which: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const breaker = newBreaker()
        let running: number[] = []
        let now = 0
        let openUntil: number | undefined
        let probe: number | undefined
        let streak = 0
        const fresh = new Set<number>()
        for (const { gapMs, what, which } of steps) {
          now += gapMs
          if (what === 'enter') {
            const isAllowed = openUntil === undefined || (probe === undefined && now >= openUntil)
            const ticket = enter(breaker, rule, now)
            expect(ticket !== noTicket).toBe(isAllowed)
            if (!isAllowed) continue
            running.push(ticket)
            fresh.add(ticket)
            if (openUntil !== undefined) probe = ticket
            continue
          }
          const ticket = running[which % Math.max(1, running.length)]
          if (ticket === undefined) continue
          running = running.toSpliced(running.indexOf(ticket), 1)
          const isProbe = ticket === probe
          const counts = isProbe || (openUntil === undefined && fresh.has(ticket))
          if (what === 'good') {
            expect(succeed(breaker, ticket)).toBe(isProbe)
            if (counts) streak = 0
            if (isProbe) [openUntil, probe] = [undefined, undefined]
          } else if (what === 'left') {
            abandon(breaker, ticket)
            if (isProbe) [openUntil, probe] = [now, undefined]
          } else {
            const opens = isProbe || (counts && ++streak === rule.failures)
            expect(fail(breaker, rule, ticket, now)).toBe(opens)
            if (opens) [openUntil, probe, streak] = [now + rule.openMs, undefined, 0]
          }
          if (openUntil !== undefined) fresh.clear()
        }
      }),
      { numRuns: 500 },
    )
  })
})
