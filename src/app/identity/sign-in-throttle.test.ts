import { expect, test } from 'vitest'
import { createSignInThrottle } from './sign-in-throttle.ts'

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
