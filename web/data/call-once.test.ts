import { expect, test } from 'vitest'
import { createCallOnce } from './call-once.ts'

test('a form that is sent again after a lost answer has the same key, and another one once it is made or says something else', async () => {
  const keys: (string | undefined)[] = []
  let isLost = true
  let made = 0
  const callOnce = createCallOnce(
    async (_method, _path, _body, headers) => {
      keys.push(headers?.['idempotency-key'])
      if (isLost) throw new Error('no answer')
      return undefined as never
    },
    () => `key ${++made}`,
  )
  const send = (amount: number) => callOnce('POST', '/credits', { amount }).catch(() => undefined)
  await send(10)
  await send(10)
  await send(20)
  isLost = false
  await send(20)
  await send(20)
  expect(keys).toEqual(['key 1', 'key 1', 'key 2', 'key 2', 'key 3'])
})
