import { expect, test } from 'vitest'
import { createLog } from './pino-log.ts'

function collected(format: 'json' | 'text', level: 'debug' | 'info' = 'debug') {
  const lines: string[] = []
  return { lines, log: createLog({ level, format, destination: { write: (line) => void lines.push(line) } }) }
}

const body = 'a1'.repeat(32)
const secrets = [body, 'hunter2-password', 'sess-cookie-value']

const leaks: [what: string, fields: object][] = [
  ['a header by name', { headers: { authorization: `Bearer ${body}`, 'X-API-Key': `ak_${body}` } }],
  [
    'a cookie both ways',
    { cookie: 'apigate_operator=sess-cookie-value', 'set-cookie': ['x=sess-cookie-value'] },
  ],
  ['a query parameter', { url: `/weather?city=oslo&api_key=${body}&units=c` }],
  ['a password four levels down', { a: { b: { c: { d: { password: 'hunter2-password' } } } } }],
  [
    'named fields',
    { token: body, key: body, secret: body, hash: body, password_hash: body, accessToken: body },
  ],
  ['a key with a prefix of the operator', { note: `acme_prod_2_${body}`, other: `X9_${body}.` }],
  ['a key inside an array', { sent: [`ak_${body}`, { note: `opt_${body}` }] }],
  [
    'a key inside an error and its cause',
    { error: new Error(`bad ak_${body}`, { cause: new Error(`Bearer ${body}`) }) },
  ],
  ['Headers', { headers: new Headers({ 'x-api-key': body }) }],
]

for (const [what, fields] of leaks) {
  test(`${what} never reaches the log, as JSON or text`, () => {
    for (const format of ['json', 'text'] as const) {
      const { lines, log } = collected(format)
      log.info(fields, 'something happened')
      expect(lines).toHaveLength(1)
      for (const secret of secrets) expect(lines[0]).not.toContain(secret)
      expect(lines[0]).toContain('redacted')
    }
  })
}

test('a secret inside the message is removed too', () => {
  const { lines, log } = collected('json')
  log.warn({}, `refused sk_live_${body}`)
  expect(lines[0]).not.toContain(body)
})

test('what is no secret stays: ids, counts, times and the query without its key', () => {
  const { lines, log } = collected('json')
  log.info(
    { request_id: 'req_1', operator_id: 'opt_01jd', url: '/w?city=oslo&api_key=x', count: 3n },
    'answered',
  )
  const line = JSON.parse(lines[0] ?? '')
  expect(line).toMatchObject({
    level: 'info',
    message: 'answered',
    request_id: 'req_1',
    operator_id: 'opt_01jd',
  })
  expect(line.url).toBe('/w?city=oslo&api_key=[redacted]')
  expect(line.count).toBe('3')
  expect(Number.isNaN(Date.parse(line.time))).toBe(false)
})

test('lines below the level are not written, and a cycle ends', () => {
  const { lines, log } = collected('json', 'info')
  const loop: Record<string, unknown> = { name: 'a' }
  loop['self'] = loop
  log.debug(loop, 'hidden')
  log.info(loop, 'shown')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('[circular]')
})

test('a line for people is one line, with the stack of an error below it', () => {
  const { lines, log } = collected('text')
  log.info({ port: 8080, note: 'two words' }, 'listening')
  log.error({ error: new Error('broken') }, 'failed')
  expect(lines[0]).toMatch(/^\S+Z INFO {2}listening port=8080 note="two words"\n$/)
  expect(lines[1]).toMatch(/ ERROR failed error=broken\n {2}Error: broken\n/)
})
