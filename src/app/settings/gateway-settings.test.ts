import { expect, test } from 'vitest'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { createCheckSetting } from './gateway-settings.ts'

const checkSetting = createCheckSetting({
  isSecret: (key) => key === 'email.sendgrid.api_key',
  paymentProviders: ['paddle', 'stripe'],
})
const check = (key: string, value: string) =>
  checkSetting({ input: { key, value }, before: undefined } as unknown as BehaviourContext)

test('a value that the gateway could not use is refused, a key that it does not know is not its business', () => {
  expect(check('gateway.max_body_bytes', 'much')).toMatchObject({ details: { field: 'value' } })
  expect(check('gateway.max_body_bytes', '1024')).toBeUndefined()
  expect(check('my.own', 'much')).toBeUndefined()
})

test('customers are offered providers that there are: another name is refused and the names are said', () => {
  for (const value of ['', ' , ', 'stripe', ' paddle ,stripe'])
    expect(check('payment.offered', value), value).toBeUndefined()
  for (const value of ['strype', 'stripe,dummy', 'stripe paddle', 'STRIPE', 'constructor'])
    expect(check('payment.offered', value), value).toMatchObject({
      details: { field: 'value', reason: expect.stringContaining('there are paddle, stripe') },
    })
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
