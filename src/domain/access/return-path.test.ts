import { expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

test('a redirect leads to a path of our own, with its query and fragment', () => {
  for (const path of ['/', '/portal', '/portal/keys?tab=1&x=%2F%2Fa', '/a#b', '/@evil.example', '/a/../b'])
    expect(new URL(returnPath(path) ?? 'x:', 'https://own.example').origin).toBe('https://own.example')
})

for (const path of [
  '',
  'portal',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/..//evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e%2e//evil.example',
  '/\tevil',
  '/\n/evil.example',
  '/\r\nset-cookie: a=b',
  ' /portal',
  '/é',
  `/${'a'.repeat(500)}`,
])
  test(`a redirect to ${JSON.stringify(path.slice(0, 40))} is none`, () => {
    expect(returnPath(path)).toBeUndefined()
  })
