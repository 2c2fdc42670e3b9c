import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHouse, password, startAccounts } from './account-house.ts'

const day = 24 * 60 * 60_000
interface Person {
  readonly id: string
  readonly email: string
  readonly home: string
  readonly headers: Record<string, string>
}

let house: AccountHouse
let owner: Person
beforeAll(async () => {
  house = await startAccounts()
  owner = await person('owner@example.com')
})
afterAll(() => house.close())

async function person(email: string): Promise<Person> {
  const { user, organization, token } = (await house.register(email)).body.data
  return { id: user.id, email, home: organization.id, headers: house.bearer(token) }
}
const invite = (email: string, role = 'member', who = owner, more: Record<string, string> = {}) =>
  house.ask('POST', '/api/v1/team/invite', { email, role }, { ...who.headers, ...more })
const accept = (token: string, more: object = {}, headers: Record<string, string> = house.fresh()) =>
  house.ask('POST', '/api/v1/team/accept-invitation', { token, ...more }, headers)
const decline = (token: string) => house.ask('POST', '/api/v1/team/decline-invitation', { token })
const pending = async (who = owner) =>
  (await house.ask('GET', '/api/v1/team/invitations', undefined, who.headers)).body.data.invitations
const cancel = (id: string, who = owner) =>
  house.ask('DELETE', `/api/v1/team/invitations/${id}`, undefined, who.headers)
const membersOf = async (who = owner): Promise<{ email: string; role: string }[]> =>
  (await house.ask('GET', '/api/v1/team/members', undefined, who.headers)).body.data.members
/** Brings somebody into the owner's organization, as a role. */
async function joined(email: string, role: string): Promise<Person> {
  const somebody = await person(email)
  await invite(email, role)
  expect((await accept(await house.mailedToken(email), {}, somebody.headers)).status).toBe(200)
  return somebody
}

describe('an invitation', () => {
  test('brings in who has no account: a new one with a verified address, no organization of its own, and one sign-in', async () => {
    const invited = await invite('New@Example.com', 'admin')
    expect([invited.status, invited.body.data.status]).toEqual([201, 'pending'])
    expect(Date.parse(invited.body.data.expires_at)).toBe(house.clock.now() + 7 * day)
    const token = await house.mailedToken('new@example.com')
    expect(token).toMatch(/^inv_/)
    const seen = await house.ask('POST', '/api/v1/team/view-invitation', { token })
    expect(seen.body.data).toMatchObject({ email: 'new@example.com', role: 'admin', has_account: false })
    expect((await accept(token)).body.error.details.field).toBe('password')
    expect((await accept(token, { password: 'short' })).status).toBe(400)
    const came = await accept(token, { password, full_name: 'New One' })
    expect(came.status).toBe(201)
    expect(came.body.data).toMatchObject({
      user: { email: 'new@example.com', role: 'admin', email_verified: true, organization_id: owner.home },
      organization: { id: owner.home },
    })
    const own = await house.ask('GET', '/api/v1/organizations', undefined, house.bearer(came.body.data.token))
    expect(own.body.data).toMatchObject([{ id: owner.home, role: 'admin', is_active: true }])
    expect((await house.login('new@example.com')).body.data.organization.id).toBe(owner.home)
    expect(await membersOf()).toContainEqual(
      expect.objectContaining({ email: 'new@example.com', role: 'admin' }),
    )
  })

  test('brings in who has an account, signed in with the invited address and no other; the session acts there at once', async () => {
    const [ada, eve] = [await person('ada@example.com'), await person('eve@example.com')]
    await invite('ada@example.com')
    const token = await house.mailedToken('ada@example.com')
    expect((await accept(token, { password: 'another long password' })).status).toBe(401)
    const wrong = await accept(token, {}, eve.headers)
    expect([wrong.status, wrong.body.error.type]).toEqual([403, 'permission_denied'])
    const came = await accept(token, {}, ada.headers)
    expect([came.status, came.body.data.organization.id]).toEqual([200, owner.home])
    expect((await membersOf(ada)).map(({ email }) => email)).toContain('ada@example.com')
    expect((await house.me(ada.headers)).body.data.user).toMatchObject({
      role: 'member',
      email_verified: true,
    })
    expect((await house.login('ada@example.com', 'another long password')).status).toBe(401)
  })

  test('is worth nothing once it was accepted, declined, taken back, replaced or over, and every such token is one answer', async () => {
    const dead: string[] = ['inv_', 'x', `inv_${'0'.repeat(64)}`]
    for (const [name, end] of [
      ['accepted', (token: string) => accept(token, { password })],
      ['declined', decline],
      ['cancelled', async () => cancel((await pending())[0].id)],
      ['late', async () => house.clock.advance(7 * day)],
    ] as const) {
      const email = `${name}.end@example.com`
      const before = await person(`${name}-owner@example.com`)
      expect((await invite(email, 'member', before)).status).toBe(201)
      const token = await house.mailedToken(email)
      if (name === 'cancelled') await cancel((await pending(before))[0].id, before)
      else await end(token)
      dead.push(token)
    }
    const answers = new Set<string>()
    for (const token of dead)
      for (const answer of [
        await accept(token, { password }, { 'x-request-id': 'same' }),
        await house.ask('POST', '/api/v1/team/decline-invitation', { token }, { 'x-request-id': 'same' }),
        await house.ask('POST', '/api/v1/team/view-invitation', { token }, { 'x-request-id': 'same' }),
      ])
        answers.add(answer.text)
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('INVALID_TOKEN')
    owner = { ...owner, headers: house.bearer((await house.login(owner.email)).body.data.token) }
  })

  test('that two people accept at the same moment, or one twice, makes one member and one account', async () => {
    await invite('twice@example.com')
    const token = await house.mailedToken('twice@example.com')
    const answers = await Promise.all([1, 2, 3, 4].map(() => accept(token, { password })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const { status } of answers.filter(({ status }) => status !== 201)) expect(status).toBe(401)
    expect((await membersOf()).filter(({ email }) => email === 'twice@example.com')).toHaveLength(1)
    const where = [{ field: 'email', op: 'eq', value: 'twice@example.com' }] as const
    expect((await house.records.list('user', { where })).items).toHaveLength(1)
  })

  test('is open once for an address; when it is over another one takes its place, and only that token counts', async () => {
    const first = await invite('again@example.com')
    const old = await house.mailedToken('again@example.com')
    const both = await Promise.all([invite('again@example.com'), invite('AGAIN@example.com')])
    expect(both.map(({ status }) => status)).toEqual([409, 409])
    house.clock.advance(7 * day)
    owner = { ...owner, headers: house.bearer((await house.login(owner.email)).body.data.token) }
    const second = await invite('again@example.com')
    expect(second.status).toBe(201)
    expect((await house.records.get('invitation', first.body.data.id))?.status).toBe('replaced')
    const token = await house.mailedToken('again@example.com')
    expect(token).not.toBe(old)
    expect((await accept(old, { password })).status).toBe(401)
    expect((await accept(token, { password })).status).toBe(201)
    expect((await invite('again@example.com')).body.error.type).toBe('conflict')
  })

  test('is made, seen and taken back by owners and admins of the organization only', async () => {
    const [admin, member] = [
      await joined('adm@example.com', 'admin'),
      await joined('mem@example.com', 'member'),
    ]
    const stranger = await person('str@example.com')
    expect((await invite('x1@example.com', 'admin', admin)).status).toBe(201)
    expect((await invite('x2@example.com', 'member', member)).status).toBe(403)
    expect((await invite('x3@example.com', 'owner')).status).toBe(400)
    const [{ id }] = (await pending(admin)).filter(
      ({ email }: { email: string }) => email === 'x1@example.com',
    )
    expect((await house.ask('GET', '/api/v1/team/invitations', undefined, member.headers)).status).toBe(403)
    expect((await cancel(id, member)).status).toBe(403)
    const same = { ...stranger, headers: { ...stranger.headers, 'x-request-id': 'same' } }
    expect((await cancel(id, same)).text).toBe((await cancel('nobody', same)).text)
    expect((await cancel(id, admin)).status).toBe(200)
    expect((await cancel(id, admin)).status).toBe(409)
    expect(await pending(stranger)).toEqual([])
  })

  test('by somebody who was taken out, demoted or suspended since lets nobody in', async () => {
    for (const [at, end] of [
      (id: string) => house.ask('DELETE', `/api/v1/team/members/${id}`, undefined, owner.headers),
      (id: string) => house.ask('PUT', `/api/v1/team/members/${id}/role`, { role: 'member' }, owner.headers),
      (id: string) => house.api('POST', `/api/users/${id}/suspend`, {}),
    ].entries()) {
      const admin = await joined(`fired${at}@example.com`, 'admin')
      const friend = `friend${at}@example.com`
      await invite(friend, 'admin', admin)
      const token = await house.mailedToken(friend)
      expect((await end(admin.id)).status).toBe(200)
      expect((await accept(token, { password })).body.error.type).toBe('invalid_token')
    }
  })

  test('into an organization that is suspended or closed lets nobody in', async () => {
    const other = await person('other-owner@example.com')
    await invite('guest@example.com', 'member', other)
    const token = await house.mailedToken('guest@example.com')
    await house.api('POST', `/api/organizations/${other.home}/suspend`, {})
    expect((await accept(token, { password })).status).toBe(401)
    await house.api('POST', `/api/organizations/${other.home}/activate`, {})
    expect((await accept(token, { password })).status).toBe(201)
  })

  test('made twice with one Idempotency-Key is one invitation and one mail', async () => {
    const more = { 'idempotency-key': 'invite-1' }
    const [one, two] = [
      await invite('once@example.com', 'member', owner, more),
      await invite('once@example.com', 'member', owner, more),
    ]
    expect([one.status, two.text]).toEqual([201, one.text])
    expect((await invite('else@example.com', 'member', owner, more)).status).toBe(422)
    const other = await person('key-owner@example.com')
    expect((await invite('once@example.com', 'member', other, more)).body.data.id).not.toBe(one.body.data.id)
    const mails = (await house.mails('once@example.com')).map(({ subject }) => subject)
    expect(mails).toHaveLength(2)
  })

  test('floods no mailbox, however often it is taken back', async () => {
    const flooder = await person('flooder@example.com')
    const statuses: number[] = []
    for (let time = 0; time < 7; time += 1) {
      const made = await invite('victim@example.com', 'member', flooder)
      statuses.push(made.status)
      if (made.status === 201) await cancel(made.body.data.id, flooder)
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429])
    expect(await house.mails('victim@example.com')).toHaveLength(5)
  })

  test('with a header in its address or its names stays one mail to one address', async () => {
    for (const email of ['a@b.example\r\nBcc: all@example.com', 'a@b.example, c@d.example', 'x@localhost'])
      expect((await invite(email)).status).toBe(400)
    const evil = await house.register('evil@example.com', {
      organization_name: '<script>alert(1)</script> https://evil.example',
    })
    await house.ask(
      'POST',
      '/api/v1/team/invite',
      { email: 'mark@example.com' },
      house.bearer(evil.body.data.token),
    )
    const [mail] = await house.mails('mark@example.com')
    expect(mail?.html).not.toContain('<script>')
    expect(mail?.subject).not.toContain('https://evil.example')
  })
})
