import { hash as bcrypt } from '@node-rs/bcrypt'
import { describe, expect, test } from 'vitest'
import { createPasswordHashing } from './password.ts'

const passwords = createPasswordHashing({ memoryKib: 64, passes: 1 })
const argon2 = { name: 'argon2id' } as const
const bcrypt4 = { name: 'bcrypt', cost: 4 } as const
const digested = /^\$bcrypt-sha256\$v=2,t=2b,r=4\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{31}$/

for (const [kind, form] of [
  [argon2, /^\$argon2id\$v=19\$m=64,t=1,p=1\$/],
  [bcrypt4, /^\$2b\$04\$/],
] as const) {
  describe(`passwords that are hashed with ${kind.name}`, () => {
    test('the right one is accepted and a wrong one is not', async () => {
      const stored = await passwords.hash('correct horse battery staple', kind)
      expect(stored).toMatch(form)
      expect(await passwords.verify(stored, 'correct horse battery staple', kind)).toBe(true)
      expect(await passwords.verify(stored, 'correct horse battery stapl', kind)).toBe(false)
      expect(await passwords.verify(stored, '', kind)).toBe(false)
    })

    test('one longer than 72 bytes counts in full', async () => {
      for (const long of ['x'.repeat(200), 'ä'.repeat(36), 'x'.repeat(72)]) {
        const stored = await passwords.hash(`${long}a`, kind)
        expect(await passwords.verify(stored, `${long}a`, kind)).toBe(true)
        expect(await passwords.verify(stored, `${long}b`, kind)).toBe(false)
        expect(await passwords.verify(stored, long, kind)).toBe(false)
      }
    })

    test('what stands behind a NUL counts', async () => {
      const stored = await passwords.hash('before\0after', kind)
      expect(await passwords.verify(stored, 'before\0after', kind)).toBe(true)
      expect(await passwords.verify(stored, 'before\0other', kind)).toBe(false)
    })

    test('the same one hashes differently each time', async () => {
      expect(await passwords.hash('twice', kind)).not.toBe(await passwords.hash('twice', kind))
    })

    test('an unknown account and a broken hash are a plain no, never a throw', async () => {
      expect(await passwords.verify(undefined, 'anything', kind)).toBe(false)
      const broken = ['', 'plain', '$argon2id$', '$argon2id$v=19$m=64,t=1,p=1$AAAA$', '$2b$12$abc']
      for (const stored of [...broken, '$bcrypt-sha256$v=2,t=2b,r=4$abc$def'])
        expect(await passwords.verify(stored, 'anything', kind)).toBe(false)
    })

    test('a hash of the other kind verifies, is known, and is outdated; one of this kind is not', async () => {
      const other = kind.name === 'bcrypt' ? argon2 : bcrypt4
      for (const password of ['short', 'long'.repeat(40)]) {
        const stored = await passwords.hash(password, other)
        expect(await passwords.verify(stored, password, kind)).toBe(true)
        expect([passwords.isKnown(stored), passwords.isOutdated(stored, password, kind)]).toEqual([
          true,
          true,
        ])
        const own = await passwords.hash(password, kind)
        expect([passwords.isKnown(own), passwords.isOutdated(own, password, kind)]).toEqual([true, false])
      }
    })
  })
}

test('what is hashed by default costs what OWASP asks', async () => {
  expect(await createPasswordHashing().hash('x', argon2)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('another cost of bcrypt is outdated', async () => {
  for (const password of ['short', 'long'.repeat(40)]) {
    const stored = await passwords.hash(password, bcrypt4)
    expect(passwords.isOutdated(stored, password, { name: 'bcrypt', cost: 5 })).toBe(true)
  }
})

test('the hash of a long password that another system has cut off fits as it did there, and is outdated', async () => {
  const long = 'long'.repeat(40)
  const brought = await bcrypt(long, { cost: 4 })
  expect(await passwords.verify(brought, long, bcrypt4)).toBe(true)
  expect(passwords.isOutdated(brought, long, bcrypt4)).toBe(true)
  expect(await passwords.hash(long, bcrypt4)).toMatch(digested)
})

test('what passlib has made over a digest verifies', async () => {
  const stored = '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2'
  expect(await passwords.verify(stored, 'password', argon2)).toBe(true)
  expect(await passwords.verify(stored, 'passwore', argon2)).toBe(false)
})
