import { expect, test } from 'vitest'
import { collectSooner, createCollectSooner } from './collect-sooner.ts'

test('the heap grows as usual again when the last of several works has ended, also one that fails', async () => {
  const flags: string[] = []
  const collect = createCollectSooner((flag) => flags.push(flag))
  const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  const works = [collect(() => first.promise), collect(() => second.promise)]
  first.reject(new Error('no'))
  await expect(works[0]).rejects.toThrow('no')
  expect(flags.at(-1), 'the other one still runs').toBe('--heap-growing-percent=15')
  second.resolve(5)
  expect(await works[1]).toBe(5)
  expect(flags.at(-1)).toBe('--heap-growing-percent=0')
})

test('V8 knows the flag, and what the work answers is what comes out', async () => {
  expect(await collectSooner(async () => 7)).toBe(7)
})
