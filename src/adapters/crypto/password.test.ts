import { expect, test } from 'vitest'
import { createPasswordHash } from './password.ts'

const passwords = createPasswordHash({ memoryKib: 64, passes: 1 })

test('the right password is accepted and a wrong one is not', async () => {
  const stored = await passwords.hash('correct horse battery staple')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
  expect(await passwords.verify(stored, 'correct horse battery staple')).toBe(true)
  expect(await passwords.verify(stored, 'correct horse battery stapl')).toBe(false)
  expect(await passwords.verify(stored, '')).toBe(false)
})

test('a password longer than 72 bytes counts in full', async () => {
  const long = 'x'.repeat(200)
  const stored = await passwords.hash(`${long}a`)
  expect(await passwords.verify(stored, `${long}a`)).toBe(true)
  expect(await passwords.verify(stored, `${long}b`)).toBe(false)
})

test('the same password hashes differently each time', async () => {
  expect(await passwords.hash('twice')).not.toBe(await passwords.hash('twice'))
})

test('an unknown account and a broken hash are a plain no, never a throw', async () => {
  expect(await passwords.verify(undefined, 'anything')).toBe(false)
  for (const broken of ['', 'plain', '$argon2id$', '$argon2id$v=19$m=64,t=1,p=1$AAAA$', '$2b$12$abc']) {
    expect(await passwords.verify(broken, 'anything')).toBe(false)
  }
})

test('what it hashes by default costs what OWASP asks', async () => {
  expect(await createPasswordHash().hash('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})
