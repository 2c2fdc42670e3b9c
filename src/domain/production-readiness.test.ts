import { expect, test } from 'vitest'
import { productionProblems } from './production-readiness.ts'

const good = { APIGATE_JWT_SECRET: '6f1f0e7e4c8a4e54b9a6', APIGATE_KEY_PEPPER: 'dJ2pQ9fLx03mVb7R' }
const active = (capability: string, provider: string, only: 'testing' | 'single_node' | null = null) => ({
  capability,
  provider,
  only,
})

test('a dummy payment provider does not take real money for paid', () => {
  const [problem, ...more] = productionProblems({
    providers: [active('payment', 'dummy', 'testing'), active('email', 'smtp')],
    nodes: 1,
    secrets: good,
  })
  expect(problem).toMatch(/payment provider dummy is for testing.*PAYMENT_PROVIDER/)
  expect(more).toEqual([])
})

test('what one process keeps to itself is enough for one node and not for two', () => {
  const facts = { providers: [active('cache', 'memory', 'single_node')], secrets: good }
  expect(productionProblems({ ...facts, nodes: 1 })).toEqual([])
  expect(productionProblems({ ...facts, nodes: 2 })).toEqual([
    expect.stringMatching(/cache provider memory.*2 nodes/),
  ])
})

test('a secret out of an example is refused', () => {
  for (const secret of [
    'change-me-please-now',
    'changeme12345678',
    'secret-secret-1234',
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
  ])
    expect(productionProblems({ providers: [], nodes: 1, secrets: { APIGATE_JWT_SECRET: secret } })).toEqual([
      'APIGATE_JWT_SECRET can be guessed: set a random one',
    ])
})

test('a secret that each node would make for itself is enough for one node only', () => {
  const secrets = { APIGATE_KEY_PEPPER: undefined }
  expect(productionProblems({ providers: [], nodes: 1, secrets })).toEqual([])
  expect(productionProblems({ providers: [], nodes: 3, secrets })).toHaveLength(1)
})
