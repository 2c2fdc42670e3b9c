import { expect, it } from 'vitest'
import { rememberNames } from './name-memory.ts'

it('decides once for each spelling of a usual name', () => {
  const asked: string[] = []
  const lower = rememberNames((name) => {
    asked.push(name)
    return name.toLowerCase()
  })
  expect([lower('Accept'), lower('Accept'), lower('ACCEPT')]).toEqual(['accept', 'accept', 'accept'])
  expect(asked).toEqual(['Accept', 'ACCEPT'])
})

it('keeps neither long names nor more than its bound, and still decides for them', () => {
  let decisions = 0
  const decide = rememberNames((name) => {
    decisions += 1
    return name.length
  })
  const long = 'x'.repeat(65)
  expect([decide(long), decide(long), decisions]).toEqual([65, 65, 2])
  for (let count = 0; count < 2_000; count++) decide(`x-${count}`)
  decisions = 0
  expect([decide('late'), decide('late'), decisions]).toEqual([4, 4, 2])
})
