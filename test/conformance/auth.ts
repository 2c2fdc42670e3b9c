import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** A provider of authentication under test. */
export interface AuthSubject {
  readonly capabilities: Capabilities
  /** An account that is active, with its password and a session. */
  readonly account: {
    readonly id: string
    readonly email: string
    readonly password: string
    readonly role: string
  }
  session(): Promise<{ readonly token: string; end(): Promise<void> }>
  suspend(): Promise<void>
}

/** What every provider of `auth` guarantees. */
export function authConformance(provider: string, open: () => Promise<AuthSubject>): void {
  const opened = async () => {
    const subject = await open()
    return { ...subject, auth: subject.capabilities.capability('auth') }
  }
  const nobody = { ok: true, value: { valid: false } }

  describe(`auth by ${provider}`, () => {
    it('knows an account by its password, however the address is written, and nobody by another one', async () => {
      const { auth, account } = await opened()
      const { id, email, password } = account
      const known = { ok: true, value: { valid: true, subject_id: id } }
      expect(await auth.verify_password({ email, password })).toEqual(known)
      expect(await auth.verify_password({ email: email.toUpperCase(), password })).toEqual(known)
      for (const wrong of [`${password} `, password.toUpperCase(), 'x', `${password}${'x'.repeat(100)}`])
        expect(await auth.verify_password({ email, password: wrong })).toEqual(nobody)
      expect(await auth.verify_password({ email: 'nobody@example.com', password })).toEqual(nobody)
    })

    it('knows a session as long as it lasts, and no made-up token', async () => {
      const { auth, account, session } = await opened()
      const { token, end } = await session()
      const { id, role } = account
      expect(await auth.verify_session({ token })).toEqual({
        ok: true,
        value: { valid: true, subject_id: id, role },
      })
      expect(
        await auth.verify_session({ token: `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}` }),
      ).toEqual(nobody)
      expect(await auth.verify_session({ token: 'x' })).toEqual(nobody)
      await end()
      expect(await auth.verify_session({ token })).toEqual(nobody)
    })

    it('knows nobody whose account is suspended', async () => {
      const { auth, account, session, suspend } = await opened()
      const { token } = await session()
      await suspend()
      const { email, password } = account
      expect(await auth.verify_password({ email, password })).toEqual(nobody)
      expect(await auth.verify_session({ token })).toEqual(nobody)
    })

    it('hashes the same password to another hash each time, and never to itself', async () => {
      const { auth } = await opened()
      const [one, other] = [
        await auth.hash_password({ password: 'p4ssword' }),
        await auth.hash_password({ password: 'p4ssword' }),
      ]
      expect(one).toMatchObject({ ok: true, value: { hash: expect.not.stringContaining('p4ssword') } })
      expect(one).not.toEqual(other)
    })
  })
}
