import { expect, it } from 'vitest'
import { BodyPace, leastBytes, paceMs } from './body-pace.ts'

it('a body that brings enough in each minute may take as long as it likes', () => {
  const pace = new BodyPace(0)
  for (let minute = 1; minute <= 100; minute++) {
    expect(pace.take(leastBytes - 1, minute * paceMs - 1)).toBe(true)
    expect(pace.take(1, minute * paceMs)).toBe(true)
  }
})

it('a body of a byte now and then is too slow after a minute, also when it began fast', () => {
  const pace = new BodyPace(0)
  expect(pace.take(10 * leastBytes, 1)).toBe(true)
  expect(pace.take(1, paceMs)).toBe(true)
  for (let second = 1; second < 60; second++) expect(pace.take(1, paceMs + second * 1_000)).toBe(true)
  expect(pace.take(1, 2 * paceMs)).toBe(false)
})

it('the time in which it was not the turn of the client does not count', () => {
  const pace = new BodyPace(0)
  expect(pace.take(1, 1_000)).toBe(true)
  pace.restart(10 * paceMs)
  expect(pace.take(1, 11 * paceMs - 1)).toBe(true)
  expect(pace.take(1, 11 * paceMs)).toBe(false)
})
