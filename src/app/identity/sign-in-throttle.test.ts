import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSignInThrottle, knownForMs } from './sign-in-throttle.ts'

function frozen() {
  const clock = { time: 1_700_000_000_000, now: () => clock.time }
  return clock
}

test('five attempts on an account are free, the sixth waits, and each further one waits twice as long', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock })
  for (let attempt = 0; attempt < 5; attempt++) expect(throttle.take('a@x.io', `10.0.0.${attempt}`)).toBe(0)
  expect(throttle.take('a@x.io', '10.0.1.1')).toBe(1_000)
  clock.time += 1_000
  expect(throttle.take('a@x.io', '10.0.1.2')).toBe(0)
  expect(throttle.take('a@x.io', '10.0.1.3')).toBe(2_000)
  clock.time += 2_000
  expect(throttle.take('a@x.io', '10.0.1.4')).toBe(0)
  expect(throttle.take('a@x.io', '10.0.1.5')).toBe(4_000)
})

test('an attempt that is told to wait costs nothing, and no account waits longer than a minute', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock })
  for (let attempt = 0; attempt < 40; attempt++) clock.time += throttle.take('a@x.io', `10.0.0.${attempt}`)
  for (let attempt = 0; attempt < 40; attempt++)
    expect(throttle.take('a@x.io', '1.1.1.1')).toBeLessThanOrEqual(60_000)
  const wait = throttle.take('a@x.io', '1.1.1.1')
  clock.time += wait
  expect(throttle.take('a@x.io', '1.1.1.1')).toBe(0)
})

test('one address cannot try many accounts', () => {
  const throttle = createSignInThrottle({ clock: frozen() })
  const waits = Array.from({ length: 60 }, (_, index) => throttle.take(`a${index}@x.io`, '10.0.0.1'))
  expect(waits.filter((wait) => wait === 0)).toHaveLength(30)
})

test('a right attempt clears its account but not what the address tried elsewhere', () => {
  const throttle = createSignInThrottle({ clock: frozen() })
  for (let attempt = 0; attempt < 4; attempt++) throttle.take('owner@x.io', '10.0.0.1')
  throttle.succeeded('owner@x.io', '10.0.0.1')
  for (let attempt = 0; attempt < 5; attempt++)
    expect(throttle.take('owner@x.io', `10.0.1.${attempt}`)).toBe(0)
  const more = Array.from({ length: 40 }, (_, index) => throttle.take(`b${index}@x.io`, '10.0.0.1'))
  expect(more.filter((wait) => wait === 0)).toHaveLength(27)
})

test('fifteen quiet minutes start over, and memory is bounded', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock, maxEntries: 3 })
  for (let attempt = 0; attempt < 5; attempt++) throttle.take('a@x.io', '10.0.0.1')
  expect(throttle.take('a@x.io', '10.0.0.1')).toBeGreaterThan(0)
  clock.time += 15 * 60_000
  expect(throttle.take('a@x.io', '10.0.0.1')).toBe(0)
  for (let account = 0; account < 3; account++) throttle.take(`b${account}@x.io`, `10.0.1.${account}`)
  for (let attempt = 0; attempt < 5; attempt++) expect(throttle.take('a@x.io', '10.0.2.1')).toBe(0)
})

test('a whole IPv6 network of 64 bits counts as one address, and the mapped form of an IPv4 address as that', () => {
  const throttle = createSignInThrottle({ clock: frozen() })
  const tries = (prefix: string) =>
    Array.from({ length: 100 }, (_, index) =>
      throttle.take(`${prefix}${index}@x.io`, `${prefix}${index + 1}`),
    )
  const letIn = (waits: number[]) => waits.filter((wait) => wait === 0).length
  expect(letIn(tries('2001:db8:1:2::'))).toBe(30)
  expect(letIn(tries('2001:db8:1:3::'))).toBe(30)
  for (let attempt = 0; attempt < 30; attempt++) throttle.take(`c${attempt}@x.io`, '203.0.113.7')
  expect(throttle.take('d@x.io', '::ffff:203.0.113.7')).toBeGreaterThan(0)
})

test('a running wait is never forgotten, however many others come', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock, maxEntries: 20 })
  for (let attempt = 0; attempt < 5; attempt++) throttle.take('victim@x.io', `2001:db8:0:${attempt}::1`)
  for (let other = 0; other < 500; other++) {
    throttle.take(`f${other}@x.io`, `2001:db8:1:${other.toString(16)}::1`)
    expect(throttle.take('victim@x.io', '2001:db8:2::1')).toBe(1_000)
  }
})

test('where everybody remembered is waiting, a newcomer waits until there is room, and nobody waiting loses the wait', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock, maxEntries: 3 })
  const exhaust = (account: string) => {
    for (let attempt = 0; attempt < 5; attempt++) throttle.take(account, '10.0.0.1')
  }
  for (const account of ['a', 'b', 'c']) exhaust(account)
  clock.time += 400
  expect(throttle.take('new', '10.0.0.2')).toBe(600)
  expect(throttle.take('a', '10.0.0.2')).toBe(600)
  clock.time += 600
  expect(throttle.take('new', '10.0.0.2')).toBe(0)
})

const owner = { account: 'owner@x.io', address: '198.51.100.1' }

test('the owner of an account gets in from a known address all day long, whatever is tried from elsewhere', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock })
  throttle.succeeded(owner.account, owner.address)
  for (let second = 0; second < 86_400; second += 5) {
    clock.time += 5_000
    throttle.take(owner.account, `203.0.113.${second % 250}`)
    // Behind a proxy that is not declared, strangers come from the owner's address too.
    throttle.take(`made-up-${second}@x.io`, owner.address)
    if (second % 60 === 0) expect(throttle.take(owner.account, owner.address)).toBe(0)
  }
})

test('an address is known for 30 days after the last sign-in, and guessing there is slowed down all the same', () => {
  const clock = frozen()
  const throttle = createSignInThrottle({ clock })
  throttle.succeeded(owner.account, owner.address)
  const guesses = Array.from({ length: 20 }, () => throttle.take(owner.account, owner.address))
  expect(guesses.filter((wait) => wait === 0)).toHaveLength(5)
  const besiege = () => {
    for (let guess = 0; guess < 20; guess++) throttle.take(owner.account, `203.0.113.${guess}`)
  }
  clock.time += knownForMs - 1
  besiege()
  expect(throttle.take(owner.account, owner.address)).toBe(0)
  clock.time += 1
  besiege()
  expect(throttle.take(owner.account, owner.address)).toBeGreaterThan(0)
})

test('a sign-in from a known address gives those who guess from elsewhere nothing', () => {
  const throttle = createSignInThrottle({ clock: frozen() })
  throttle.succeeded(owner.account, owner.address)
  for (let guess = 0; guess < 5; guess++) throttle.take(owner.account, `203.0.113.${guess}`)
  throttle.take(owner.account, owner.address)
  throttle.succeeded(owner.account, owner.address)
  expect(throttle.take(owner.account, '203.0.113.9')).toBe(1_000)
})

test('however attempts are spread, no account and no network gets more than its share of any quarter of an hour', () => {
  const attempt = fc.record({
    account: fc.nat(3).map((index) => `a${index}@x.io`),
    network: fc.nat(2),
    host: fc.nat(0xffff),
    afterMs: fc.oneof(fc.constant(0), fc.nat(90_000)),
  })
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 100, maxLength: 200 }), (attempts) => {
      const clock = frozen()
      const throttle = createSignInThrottle({ clock, maxEntries: 50 })
      const granted: { account: string; network: number; at: number }[] = []
      for (const { account, network, host, afterMs } of attempts) {
        clock.time += afterMs
        const address = `2001:db8:0:${network}::${host.toString(16)}`
        const waitMs = throttle.take(account, address)
        expect(waitMs).toBeLessThanOrEqual(300_000)
        if (waitMs === 0) granted.push({ account, network, at: clock.time })
      }
      for (const [index, { account, network, at }] of granted.entries()) {
        const recent = granted.slice(0, index).filter((one) => at - one.at < 1_000)
        expect(recent.filter((one) => one.account === account).length).toBeLessThan(5)
        expect(recent.filter((one) => one.network === network).length).toBeLessThan(30)
        const minutes = granted.slice(0, index).filter((one) => at - one.at < 15 * 60_000)
        // Five free ones, six while the wait grows to a minute, then one a minute.
        expect(minutes.filter((one) => one.account === account).length).toBeLessThan(5 + 6 + 15)
      }
    }),
    { numRuns: 50 },
  )
})
