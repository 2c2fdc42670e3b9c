import { expect, test } from 'vitest'
import { signWebhook } from './standard-webhook.ts'

/** The example of the specification: https://github.com/standard-webhooks/standard-webhooks */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

test('the signature is that of the specification, and every secret adds one', () => {
  expect(signWebhook([secret], message, 1_614_265_330_999)).toEqual({
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  })
  const both = signWebhook(['whsec_AAAA', secret], message, 1_614_265_330_000)['webhook-signature']
  expect(both?.split(' ')[1]).toBe(signature)
  expect(both?.split(' ')[0]).not.toBe(signature)
})
