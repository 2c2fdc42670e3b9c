import { describe, expect, it } from 'vitest'
import { compileLinearRegex } from './linear-regex.ts'

function compiled(source: string) {
  const regex = compileLinearRegex(source)
  if (!regex.ok) throw new Error(`${source} ${regex.reason}`)
  return regex.value
}

describe('a linear regular expression', () => {
  it.each([
    ['(a+)+$', `${'a'.repeat(20_000)}!`],
    ['^(a|a)*$', `${'a'.repeat(20_000)}!`],
    ['^(a|a){28}b$', 'a'.repeat(30)],
    ['^(aa?)+b$', 'a'.repeat(20_000)],
    ['^/blog/[^/]+-[^/]+-[^/]+$', `/blog/${'-'.repeat(20_000)}/`],
  ])('%s ends on a text that makes a backtracking engine run away', (source, text) => {
    expect(compiled(source).test(text)).toBe(false)
  })

  it('matches the whole text and hands over its named groups', () => {
    const regex = compiled('/users/(?<id>[^/]+)(?:/posts/(?<post>\\d+))?')
    expect({ ...regex.match('/users/é7/posts/9') }).toEqual({ id: 'é7', post: '9' })
    expect({ ...regex.match('/users/7') }).toEqual({ id: '7' })
    expect(regex.match('/users/7/')).toBeUndefined()
    expect(regex.match('x/users/7')).toBeUndefined()
  })

  it.each([
    ['(a)\\1', /regular expression/],
    ['(?=a)', /regular expression/],
    ['(?<!a)b', /regular expression/],
    ['[a', /regular expression/],
    ['a{100000}', /regular expression/],
    ['((a{100}){100}){100}', /regular expression|repeats too much/],
    ['(a{9}){90}(b{9}){90}(c{9}){90}(d{9}){90}(e{9}){90}', /repeats too much/],
    ['a'.repeat(3_000), /longer than/],
  ])('%s is refused with the reason', (source, reason) => {
    expect(compileLinearRegex(source)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })
})
