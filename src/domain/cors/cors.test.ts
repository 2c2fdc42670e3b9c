import { describe, expect, it } from 'vitest'
import { answerLines, preflightLines } from './answers.ts'
import { compileOrigin } from './origin.ts'
import { type CorsRules, judgeCors } from './rules.ts'

function rulesOf(cors: unknown, methods: readonly string[] = []): CorsRules {
  const judged = judgeCors(cors, methods)
  if (!judged.ok || judged.rules === null) throw new Error(JSON.stringify(judged))
  return judged.rules
}

describe('an origin', () => {
  it.each([
    ['https://a.example', 'https://a.example', true],
    ['https://A.example', 'https://a.example', true],
    ['https://a.example', 'http://a.example', false],
    ['https://a.example', 'https://a.example:8443', false],
    ['https://a.example', 'https://a.example.evil.example', false],
    ['https://a.example:8443', 'https://a.example:8443', true],
    ['https://*.example.com', 'https://x.example.com', true],
    ['https://*.example.com', 'https://x.y.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://.example.com', false],
    ['https://*.example.com', 'https://evilexample.com', false],
    ['https://*.example.com', 'http://x.example.com', false],
    ['https://*.example.com', 'https://evil.example/.example.com', false],
    ['https://*.example.com', 'https://evil@x.example.com', false],
    ['https://*.example.com', 'https://x.example.com:444', false],
    ['http://*.localhost:3000', 'http://shop.localhost:3000', true],
    ['http://[::1]:3000', 'http://[::1]:3000', true],
    ['capacitor://localhost', 'capacitor://localhost', true],
    ['null', 'null', true],
    ['https://a.example', 'null', false],
    ['*', 'null', true],
    ['*', 'https://anything.example', true],
  ])('%s says of %s: %s', (rule, origin, expected) => {
    const compiled = compileOrigin(rule)
    expect(compiled.ok && compiled.admits(origin)).toBe(expected)
  })

  it.each([
    'a.example',
    'https://a.example/',
    'https://a.example/x',
    'https://',
    'https://a.*',
    'https://*',
    'https://u@a.example',
    'https://*.*.example',
    'https://a.example:443',
    'http://a.example:80',
    'https://a.example\r\nX: y',
    '',
    'https://a b',
  ])('is refused as %j', (text) => {
    expect(compileOrigin(text).ok).toBe(false)
  })
})

describe('cors as written', () => {
  it.each([
    [[], 'cors'],
    ['*', 'cors'],
    [{}, 'cors.origins'],
    [{ origins: [] }, 'cors.origins'],
    [{ origins: ['https://a.example', 'a'] }, 'cors.origins[1]'],
    [{ origins: ['*'], credentials: true }, 'cors.credentials'],
    [{ origins: ['*'], credentials: 'yes' }, 'cors.credentials'],
    [{ origins: ['*'], methods: ['get'] }, 'cors.methods[0]'],
    [{ origins: ['*'], methods: 'GET' }, 'cors.methods'],
    [{ origins: ['*'], headers: ['X-A', 'a b'] }, 'cors.headers[1]'],
    [{ origins: ['*'], headers: ['X\r\nY'] }, 'cors.headers[0]'],
    [{ origins: ['*'], expose_headers: [1] }, 'cors.expose_headers[0]'],
    [{ origins: ['https://a.example'], credentials: true, expose_headers: ['*'] }, 'cors.expose_headers'],
    [{ origins: ['*'], max_age_seconds: -1 }, 'cors.max_age_seconds'],
    [{ origins: ['*'], max_age_seconds: 86_401 }, 'cors.max_age_seconds'],
    [{ origins: ['*'], allow: [] }, 'cors.allow'],
  ])('%j is refused at %s', (cors, field) => {
    expect(judgeCors(cors, [])).toMatchObject({ ok: false, problems: [{ field }] })
  })

  it('says nothing when it is null', () => {
    expect(judgeCors(null, [])).toEqual({ ok: true, rules: null })
  })
})

describe('the lines of an answer', () => {
  const some = { origins: ['https://a.example'] }

  it('name an admitted origin, and vary by it', () => {
    const lines = answerLines(rulesOf(some), 'https://a.example')
    expect(lines).toContain('Access-Control-Allow-Origin: https://a.example\r\n')
    expect(lines).toContain('Vary: Origin\r\n')
    expect(lines).toMatch(/Access-Control-Expose-Headers: .*X-RateLimit-Remaining.*\r\n/)
    expect(lines).not.toContain('Credentials')
  })

  it('vary also without an origin and for a foreign one, so that no shared cache mixes them up', () => {
    expect(answerLines(rulesOf(some), undefined)).toBe('Vary: Origin\r\n')
    expect(answerLines(rulesOf(some), 'https://b.example')).toBe('Vary: Origin\r\n')
  })

  it('are the same for every origin where all may ask', () => {
    const lines = answerLines(rulesOf({ origins: ['*'] }), 'https://b.example')
    expect(lines).toContain('Access-Control-Allow-Origin: *\r\n')
    expect(lines).not.toContain('Vary')
    expect(answerLines(rulesOf({ origins: ['*'] }), undefined)).toBe('')
  })

  it('allow credentials by name only', () => {
    const lines = answerLines(rulesOf({ ...some, credentials: true }), 'https://a.example')
    expect(lines).toContain('Access-Control-Allow-Credentials: true\r\n')
  })
})

describe('a preflight', () => {
  it('is told the methods of the route, and the headers that calling an API needs', () => {
    const lines = preflightLines(rulesOf({ origins: ['*'] }, ['POST']), 'https://a.example', 'x-evil')
    expect(lines).toContain('Access-Control-Allow-Methods: POST\r\n')
    expect(lines).toMatch(/Allow-Headers: Authorization, Content-Type, .*X-API-Key/)
    expect(lines).not.toContain('x-evil')
    expect(lines).toContain('Access-Control-Max-Age: 600\r\n')
  })

  it('gets its own list back where every header is allowed, if it is a list of names', () => {
    const rules = rulesOf({ origins: ['https://a.example'], headers: ['*'], max_age_seconds: 0 })
    const lines = preflightLines(rules, 'https://a.example', 'authorization, x-one')
    expect(lines).toContain('Access-Control-Allow-Headers: authorization, x-one\r\n')
    expect(lines).toContain('Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n')
    expect(preflightLines(rules, 'https://a.example', 'a b; c')).not.toContain('Allow-Headers')
  })
})
