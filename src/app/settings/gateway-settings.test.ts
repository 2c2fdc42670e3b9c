import { expect, test } from 'vitest'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { createCheckSetting } from './gateway-settings.ts'

const checkSetting = createCheckSetting({ isSecret: (key) => key === 'email.sendgrid.api_key' })
const check = (key: string, value: string) =>
  checkSetting({ input: { key, value }, before: undefined } as unknown as BehaviourContext)

test('a value that the gateway could not use is refused, a key that it does not know is not its business', () => {
  expect(check('gateway.max_body_bytes', 'much')).toMatchObject({ details: { field: 'value' } })
  expect(check('gateway.max_body_bytes', '1024')).toBeUndefined()
  expect(check('my.own', 'much')).toBeUndefined()
})

for (const key of ['constructor', 'valueOf', '__proto__', 'hasOwnProperty']) {
  test(`${key} is a key like any other`, () => {
    expect(check(key, 'x')).toBeUndefined()
  })
}

test('the value of a provider secret is kept as a secret, also when it comes as a plain value', () => {
  const input = { key: 'email.sendgrid.api_key', value: 'SG.secret' }
  expect(checkSetting({ input, before: undefined } as unknown as BehaviourContext)).toBeUndefined()
  expect(input).toEqual({ key: 'email.sendgrid.api_key', value: '', secret_value: 'SG.secret' })
})
