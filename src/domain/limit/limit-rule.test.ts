import { describe, expect, it } from 'vitest'
import { parseLimitRules } from './limit-rule.ts'

describe('the limits of a plan, route or key', () => {
  it('are filled in where little is said', () => {
    expect(parseLimitRules([{ name: 'burst', limit: 5 }])).toEqual({
      ok: true,
      rules: [
        {
          name: 'burst',
          algorithm: 'token_bucket',
          limit: 5,
          windowMs: 60_000,
          by: ['subscription'],
          isShadow: false,
        },
      ],
    })
    expect(parseLimitRules(null)).toEqual({ ok: true, rules: [] })
  })

  it('are taken as they are said', () => {
    const rule = {
      name: 'per-ip',
      limit: 3,
      window_seconds: 10,
      algorithm: 'sliding_window',
      by: ['ip', 'route'],
      shadow: true,
    }
    expect(parseLimitRules([rule])).toMatchObject({
      rules: [{ windowMs: 10_000, algorithm: 'sliding_window', by: ['ip', 'route'], isShadow: true }],
    })
  })

  const refused: [value: unknown, field: string, reason: RegExp][] = [
    ['60', 'limits', /list/],
    [Array(11).fill({ name: 'a', limit: 1 }), 'limits', /at most 10/],
    [[null], 'limits[0]', /object/],
    [[{ name: 'a', limit: 1, burst: 2 }], 'limits[0].burst', /known/],
    [[{ name: 'A b', limit: 1 }], 'limits[0].name', /word/],
    [[{ name: 'rate', limit: 1 }], 'limits[0].name', /plan/],
    [[{ name: 'quota', limit: 1 }], 'limits[0].name', /plan/],
    [[{ name: 'a' }], 'limits[0].limit', /whole number/],
    [[{ name: 'a', limit: 1.5 }], 'limits[0].limit', /whole number/],
    [[{ name: 'a', limit: -1 }], 'limits[0].limit', /whole number/],
    [[{ name: 'a', limit: 1, window_seconds: 0 }], 'limits[0].window_seconds', /seconds/],
    [[{ name: 'a', limit: 1, algorithm: 'leaky' }], 'limits[0].algorithm', /one of/],
    [[{ name: 'a', limit: 1, by: [] }], 'limits[0].by', /list/],
    [[{ name: 'a', limit: 1, by: ['moon'] }], 'limits[0].by', /list/],
    [[{ name: 'a', limit: 1, shadow: 'yes' }], 'limits[0].shadow', /true or false/],
    [
      [
        { name: 'a', limit: 1 },
        { name: 'a', limit: 2 },
      ],
      'limits[1].name',
      /twice/,
    ],
  ]
  it.each(refused)('%j is refused at %s', (value, field, reason) => {
    const parsed = parseLimitRules(value)
    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    expect(parsed.problems).toContainEqual({ field, reason: expect.stringMatching(reason) })
  })

  it.each([undefined, ['subscription'], ['ip', 'key']])('of a public route cannot be counted by %j', (by) => {
    const rules = [{ name: 'a', limit: 1, ...(by === undefined ? {} : { by }) }]
    expect(parseLimitRules(rules, true)).toMatchObject({ ok: false, problems: [{ field: 'limits[0].by' }] })
    expect(parseLimitRules([{ name: 'a', limit: 1, by: ['ip', 'route'] }], true).ok).toBe(true)
  })
})
