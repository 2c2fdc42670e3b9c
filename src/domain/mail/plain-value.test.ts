import { expect, test } from 'vitest'
import { mailAddress } from './mail-address.ts'
import { plainValue, subjectLine } from './plain-value.ts'

test('a value is one line: nothing in it begins another header', () => {
  expect(plainValue('Ada\r\nBcc: all@example.com')).toBe('Ada Bcc: all@example.\u200ccom')
  expect(plainValue('a\u0000b\u0085c\u2028d\te')).toBe('a b c d e')
  expect(subjectLine('One\r\n\r\n<script>')).toBe('One <script>')
})

test('a value cannot turn the direction of what follows it, nor hide characters', () => {
  expect(plainValue('\u202eabc\u2066\u200b\ufeff\u{e0041}')).toBe('abc')
  expect(plainValue('עדה לאבלייס')).toBe('עדה לאבלייס')
})

test('no mail program makes a link of a name, and an address of a person stays as it is', () => {
  expect(plainValue('Win at https://evil.example/now')).not.toMatch(/https?:\/\/|evil\.example/)
  expect(plainValue('evil.example/@x')).toContain('.\u200c')
  expect(plainValue('ada@engines.example')).toBe('ada@engines.example')
  expect(plainValue('$60.00 on 203.0.113.7')).toBe('$60.00 on 203.0.113.7')
})

test('a value is cut between characters and never in the middle of one', () => {
  const cut = plainValue('😀'.repeat(10_000))
  expect([...cut]).toHaveLength(200)
  expect(cut.isWellFormed()).toBe(true)
  expect(plainValue('\ud800x')).toBe('\ufffdx')
})

test('an address is exactly one address', () => {
  expect(mailAddress('Ada@Example.com')).toBe('ada@example.com')
  const none = [
    '',
    'ada',
    'ada@localhost',
    'Ada <ada@example.com>',
    'a@example.com,b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com\n',
    ' a@example.com',
    '"a b"@example.com',
    'a@exa mple.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(130)}com`,
  ]
  expect(none.filter((text) => mailAddress(text) !== undefined)).toEqual([])
})
