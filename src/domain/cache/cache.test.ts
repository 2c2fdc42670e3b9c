import { describe, expect, it } from 'vitest'
import { parseDirectives, secondsOf } from './cache-control.ts'
import { judgeCache } from './cache-rules.ts'
import { isHad } from './conditions.ts'
import { judgeKeeping, mayUse } from './storing.ts'

const now = Date.parse('2026-11-20T12:00:00Z')
const at = (seconds: number): string => new Date(now + seconds * 1000).toUTCString()

function keeping(
  headers: Record<string, string>,
  asked: { status?: number; hasCredentials?: boolean; defaultSeconds?: number; requestMs?: number } = {},
) {
  const { status = 200, hasCredentials = false, defaultSeconds = 0, requestMs = 0 } = asked
  const answer = { status, header: (name: string) => headers[name] }
  return judgeKeeping(answer, { hasCredentials, defaultSeconds, requestMs }, now)
}

describe('how long an answer holds', () => {
  it.each([
    ['max-age', { 'cache-control': 'max-age=60' }, 0, 60],
    ['s-maxage before max-age', { 'cache-control': 'max-age=60, s-maxage=10' }, 0, 10],
    [
      's-maxage=0 before max-age, with a validator',
      { 'cache-control': 's-maxage=0, max-age=60', etag: '"a"' },
      0,
      0,
    ],
    ['max-age before Expires', { 'cache-control': 'max-age=60', expires: at(600) }, 0, 60],
    ['Expires less Date', { expires: at(90), date: at(-10) }, 0, 100],
    ['ttl_seconds where nothing is said', {}, 30, 30],
    ['what is said before ttl_seconds', { 'cache-control': 'public, max-age=5' }, 30, 5],
    ['an Expires that is no date: not at all', { expires: '0', etag: '"a"' }, 30, 0],
    ['a max-age that is no number: not at all', { 'cache-control': 'max-age=soon', etag: '"a"' }, 30, 0],
    ['no-cache: not unasked', { 'cache-control': 'no-cache, max-age=60', etag: '"a"' }, 0, 0],
    ['quoted arguments', { 'cache-control': 'MAX-AGE="60"' }, 0, 60],
    ['no more than is countable', { 'cache-control': 'max-age=99999999999999999999' }, 0, 2_147_483_648],
  ])('%s', (_rule, headers, defaultSeconds, seconds) => {
    expect(keeping(headers as Record<string, string>, { defaultSeconds })?.lifetimeMs).toBe(seconds * 1000)
  })

  it.each([
    ['is new', {}, 0, 0],
    ['has its Age', { age: '7' }, 0, 7],
    ['has the time that the request took added', { age: '7' }, 2_000, 9],
    ['was made at its Date', { date: at(-30), age: '7' }, 0, 30],
    ['is not younger than new', { date: at(50) }, 0, 0],
    ['has no Age that is no number', { age: '-5' }, 0, 0],
  ])('counts from when it was made: an answer that %s', (_how, headers, requestMs, seconds) => {
    const all = { 'cache-control': 'max-age=60', ...headers } as Record<string, string>
    expect(keeping(all, { requestMs })?.ageMs).toBe(seconds * 1000)
  })
})

describe('an answer is not kept', () => {
  const fresh = 'max-age=60'
  it.each([
    ['that says no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['that is private', { 'cache-control': 'private, max-age=60' }],
    ['that is private in part', { 'cache-control': 'private="x", max-age=60' }],
    ['with a cookie', { 'cache-control': fresh, 'set-cookie': 'a=b' }],
    ['that varies by everything', { 'cache-control': fresh, vary: 'Accept, *' }],
    ['that says nothing', {}],
    ['that has to be asked for again and cannot be', { 'cache-control': 'no-cache' }],
    ['in part', { 'cache-control': fresh }, { status: 206 }],
    ['that failed', { 'cache-control': fresh }, { status: 500 }],
    ['that refuses, unless it says so', {}, { status: 404, defaultSeconds: 60 }],
    ['to credentials, unless it says so', { 'cache-control': fresh }, { hasCredentials: true }],
  ])('%s', (_which, headers, asked: Parameters<typeof keeping>[1] = {}) => {
    expect(keeping(headers as Record<string, string>, asked)).toBeUndefined()
  })

  it.each(['public', 's-maxage=60', 'must-revalidate'])('but one to credentials is, with %s', (directive) => {
    const kept = keeping({ 'cache-control': `${directive}, max-age=60` }, { hasCredentials: true })
    expect(kept?.isForAnyone).toBe(true)
  })

  it('and one that varies is kept by the names', () => {
    expect(keeping({ 'cache-control': fresh, vary: 'Origin, accept ,Origin' })?.vary).toEqual([
      'accept',
      'origin',
    ])
  })
})

describe('a kept answer of 50 seconds that holds for 60', () => {
  it.each([
    [undefined, true],
    ['max-age=60', true],
    ['max-age=49', false],
    ['max-age=0', false],
    ['no-cache', false],
    ['min-fresh=10', true],
    ['min-fresh=11', false],
    ['max-stale=100', true],
  ])('is used for a request with Cache-Control %s: %s', (directives, isUsed) => {
    expect(mayUse(50_000, 60_000, directives)).toBe(isUsed)
  })

  it('is not used once it has become 60', () => {
    expect(mayUse(59_999, 60_000, undefined)).toBe(true)
    expect(mayUse(60_000, 60_000, undefined)).toBe(false)
    expect(mayUse(60_000, 60_000, 'max-stale=100')).toBe(false)
  })
})

it('directives are read whatever their case and quotes, the first of two counting', () => {
  const directives = parseDirectives('No-Cache, max-age = 5,ext="a, max-age=9", max-age=7,,')
  expect(directives.get('no-cache')).toBe(true)
  expect(secondsOf(directives, 'max-age')).toBe(5)
  expect(directives.get('ext')).toBe('a, max-age=9')
})

describe('who has an answer already', () => {
  const validators = { etag: 'W/"a"', lastModified: at(0) }
  it.each([
    ['"a"', undefined, true],
    ['"x", W/"a"', undefined, true],
    ['*', undefined, true],
    ['"b"', undefined, false],
    ['"b"', at(0), false],
    ['a', undefined, false],
    [undefined, at(0), true],
    [undefined, at(-1), false],
    [undefined, 'yesterday', false],
    [undefined, undefined, false],
  ])(
    'is known by If-None-Match %s, else If-Modified-Since %s: %s',
    (ifNoneMatch, ifModifiedSince, expected) => {
      expect(isHad({ ifNoneMatch, ifModifiedSince }, validators)).toBe(expected)
    },
  )
})

it.each([
  [[], 'cache'],
  [{ ttl: 5 }, 'cache.ttl'],
  [{ ttl_seconds: -1 }, 'cache.ttl_seconds'],
  [{ ttl_seconds: '60' }, 'cache.ttl_seconds'],
  [{ max_body_bytes: 0 }, 'cache.max_body_bytes'],
  [{ max_body_bytes: 9_000_000 }, 'cache.max_body_bytes'],
  [{ vary_by_key: 'no' }, 'cache.vary_by_key'],
])('the cache %j of a route is refused at %s', (cache, field) => {
  expect(judgeCache(cache)).toMatchObject({ ok: false, problems: [{ field }] })
})
