import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEntry } from '#contract/audit.ts'
import { type AccountHouse, startAccounts } from './account-house.ts'

let house: AccountHouse
let ada: { home: string; headers: Record<string, string> }
let eve: typeof ada
beforeAll(async () => {
  house = await startAccounts()
  ;[ada, eve] = [await person('ada@example.com'), await person('eve@example.com')]
})
afterAll(() => house.close())

async function person(email: string): Promise<typeof ada> {
  const { organization, token } = (await house.register(email)).body.data
  return { home: organization.id, headers: { ...house.bearer(token), 'user-agent': 'a browser' } }
}
const read = (query = '', who = ada) => house.ask('GET', `/api/v1/audit${query}`, undefined, who.headers)
const take = (query = '', who = ada) =>
  house.ask('GET', `/api/v1/audit/export${query}`, undefined, who.headers)
/** Every entry, page by page. */
async function all(who = ada): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  let cursor = ''
  do {
    const page = await read(`?limit=3${cursor}`, who)
    entries.push(...page.body.data)
    cursor = page.body.meta.has_more ? `&cursor=${encodeURIComponent(page.body.meta.next_cursor)}` : ''
  } while (cursor !== '')
  return entries
}

describe('the audit log of an organization', () => {
  test('is all that was done in it and nothing else, filtered and page by page', async () => {
    await house.ask('POST', '/api/v1/keys', { name: 'first' }, ada.headers)
    await house.ask('POST', '/api/v1/keys', { name: 'second' }, eve.headers)
    const entries = await all()
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['organization.create', 'membership.create', 'api_key.create']),
    )
    expect(new Set(entries.map(({ chain }) => chain))).toEqual(new Set([ada.home]))
    const keys = await read('?module=api_key&action=api_key.create&outcome=done')
    expect(keys.body.data).toHaveLength(1)
    expect(keys.body.data[0]).toMatchObject({ user_agent: 'a browser', actor_kind: 'member' })
    expect(keys.text).not.toMatch(/ak_[0-9a-f]{64}/)
    const theirs = (await all(eve)).map(({ record_id }) => record_id)
    for (const id of theirs) expect((await read(`?record=${id}`)).body.data).toEqual([])
  })

  test('is not that of another one, by whatever filter, and a wrong one is named', async () => {
    for (const query of [`?organization_id=${eve.home}`, '?organization_id=instance', '?wings=2', '?limit=0'])
      for (const answer of [await read(query), await take(query)]) {
        expect(answer.status).toBe(400)
        expect(answer.body.error.details.field).toBe(query.slice(1).split('=')[0])
      }
    const [last] = await all(eve)
    const cursor = (await read('?limit=1', eve)).body.meta.next_cursor
    const beyond = await read(`?cursor=${encodeURIComponent(cursor)}`)
    expect(beyond.text).not.toContain(eve.home)
    expect(beyond.text).not.toContain(last?.hash)
  })

  test('is taken out as lines or as a table, which is remembered in it', async () => {
    const lines = (await take()).text.trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as AuditEntry)
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1))
    const table = await take('?format=csv&action=api_key.create')
    expect(table.headers.get('content-type')).toContain('text/csv')
    expect(table.text.trim().split('\r\n')).toHaveLength(2)
    expect((await read('?action=audit.export')).body.data).toHaveLength(2)
    expect((await read('?action=audit.export', eve)).body.data).toEqual([])
  })

  test('shows what operators did, but not from where', async () => {
    await house.api('POST', `/api/organizations/${ada.home}/suspend`, {}, { 'user-agent': 'the back office' })
    await house.api('POST', `/api/organizations/${ada.home}/activate`, {})
    const [entry] = (await read('?action=organization.suspend')).body.data
    expect(entry).toMatchObject({ actor_kind: 'operator', outcome: 'done', ip: null, user_agent: null })
    expect((await take('?action=organization.suspend')).text).not.toContain('the back office')
    const whole = await house.api(
      'GET',
      `/admin/audit?organization_id=${ada.home}&action=organization.suspend`,
    )
    expect(whole.body.data[0].user_agent).toBe('the back office')
  })
})
