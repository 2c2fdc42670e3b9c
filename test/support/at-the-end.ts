import { afterAll } from 'vitest'

/** Takes what must be done when something is no longer used: at the end of a test, or of many. */
export type AtTheEnd = (end: () => void | Promise<void>) => void

/** For what many tests share: ends it after all of them, the last first. Called where `beforeAll` may be. */
export function afterAllOfThem(): AtTheEnd {
  const ends: Parameters<AtTheEnd>[0][] = []
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })
  return (end) => void ends.push(end)
}
