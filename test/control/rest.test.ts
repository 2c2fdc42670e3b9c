import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
beforeAll(async () => {
  house = await startControl()
})
afterAll(() => house.stop())
beforeEach(() => {
  house.events.length = 0
})

let count = 0
const uniqueName = (): string => `part ${++count}`

async function made(fields: Record<string, unknown> = {}) {
  const { body } = await house.send('POST', '/api/spare_parts', { body: { name: uniqueName(), ...fields } })
  house.events.length = 0
  return body.data as { id: string; name: string; [field: string]: unknown }
}

describe('creating', () => {
  test('answers 201 with the record, its address, its ETag and what is shown once', async () => {
    const name = uniqueName()
    const { status, headers, body } = await house.send('POST', '/api/spare_parts', {
      body: { name, pin: '1234' },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ success: true, data: { name, size: 3, color: 'red', is_sold: false } })
    expect(body.data.claim_code).toBe(`code-${body.data.id}`)
    expect(headers.get('location')).toBe(`/api/spare_parts/${body.data.id}`)
    const read = await house.send('GET', headers.get('location') ?? '')
    expect(read.headers.get('etag')).toBe(headers.get('etag'))
    expect(read.body.data).not.toHaveProperty('claim_code')
    for (const hidden of ['pin', 'margin']) {
      expect(body.data).not.toHaveProperty(hidden)
      expect(read.body.data).not.toHaveProperty(hidden)
    }
    expect(house.events).toEqual(['spare_part.created'])
  })

  const refused: [why: string, body: unknown, field: string][] = [
    ['a missing required field', {}, 'name'],
    ['an unknown field', { name: 'x', colour: 'red' }, 'colour'],
    ['an internal field, as if it were not there', { name: 'x', margin: 1 }, 'margin'],
    ['a field that the server sets', { name: 'x', sold_at: '2026-01-01' }, 'sold_at'],
    ['a wrong type', { name: 'x', size: 'big' }, 'size'],
    ['a value out of bounds', { name: 'x', size: 101 }, 'size'],
    ['a value that is none of the enum', { name: 'x', color: 'pink' }, 'color'],
  ]
  for (const [why, body, field] of refused) {
    test(`${why} is refused by name and changes nothing`, async () => {
      const answer = await house.send('POST', '/api/spare_parts', { body })
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({
        success: false,
        error: { type: 'validation_error', code: 'VALIDATION_ERROR', details: { field } },
      })
      expect(answer.body.error.request_id).toBe(answer.headers.get('x-request-id'))
      expect(answer.body.error.docs_url).toBe('/docs/errors#validation_error')
      expect(house.events).toEqual([])
    })
  }

  test('of ninety thousand unknown fields twenty are told with how many more there are, at once', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`f${index}`, 1]))
    for (const path of ['/api/spare_parts', '/admin/login']) {
      const answer = await house.send('POST', path, { body: wrong })
      const { details, message } = answer.body.error
      expect([path, answer.status, details.errors.length]).toEqual([path, 400, 20])
      // What is missing is reported too.
      expect(details.more).toBe(path === '/api/spare_parts' ? 89_981 : 89_982)
      expect(message).toContain(`(${details.more + 19} more problems)`)
      expect(answer.text.length).toBeLessThan(10_000)
    }
  })

  test('a name as long as the body allows is cut in the answer and compared with nothing', async () => {
    const name = 'p'.repeat(500_000)
    for (const body of [`{"${name}":1}`, `{"${name}":1,"${name}":2}`]) {
      const init = { headers: { 'content-type': 'application/json' }, body }
      const answer = await house.raw('POST', '/api/spare_parts', init)
      expect(answer.status).toBe(400)
      expect(answer.body.error.details.field).toBe(`${'p'.repeat(79)}…`)
      expect(answer.text).not.toContain('did you mean')
      expect(answer.text.length).toBeLessThan(1_000)
    }
  })

  test('a name that is taken is a conflict', async () => {
    const { name } = await made()
    const answer = await house.send('POST', '/api/spare_parts', { body: { name } })
    expect([answer.status, answer.body.error.type, answer.body.error.details.field]).toEqual([
      409,
      'conflict',
      'name',
    ])
    expect(house.events).toEqual([])
  })
})

describe('bodies', () => {
  const json = { 'content-type': 'application/json' }
  const cases: [why: string, init: RequestInit, status: number, type: string][] = [
    ['malformed JSON', { headers: json, body: '{"name":' }, 400, 'invalid_request'],
    ['a list', { headers: json, body: '[]' }, 400, 'invalid_request'],
    ['a doubled name', { headers: json, body: '{"name":"a","name":"b"}' }, 400, 'invalid_request'],
    ['__proto__', { headers: json, body: '{"name":"a","__proto__":{}}' }, 400, 'invalid_request'],
    [
      'bytes that are no UTF-8',
      { headers: json, body: new Uint8Array([0x7b, 0xff, 0x7d]) },
      400,
      'invalid_request',
    ],
    ['no content type', { body: new TextEncoder().encode('{"name":"a"}') }, 400, 'invalid_request'],
    ['a form', { headers: { 'content-type': 'text/plain' }, body: '{"name":"a"}' }, 400, 'invalid_request'],
    [
      'another charset',
      { headers: { 'content-type': 'application/json; charset=latin1' }, body: '{}' },
      400,
      'invalid_request',
    ],
    ['compression', { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' }, 400, 'invalid_request'],
    [
      'more than 1 MiB',
      { headers: json, body: `{"name":"${'x'.repeat(1_048_576)}"}` },
      413,
      'payload_too_large',
    ],
    ['no body at all', { headers: json }, 400, 'validation_error'],
  ]
  for (const [why, init, status, type] of cases) {
    test(`${why}: ${status} ${type}, and nothing happened`, async () => {
      const answer = await house.raw('POST', '/api/spare_parts', init)
      expect([answer.status, answer.body.error.type]).toEqual([status, type])
      expect(house.events).toEqual([])
    })
  }

  test('a body that never says how long it is stops at 1 MiB', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536
        if (sent > 4 * 1_048_576) controller.close()
        else controller.enqueue(new Uint8Array(65_536).fill(0x20))
      },
    })
    const init = { headers: json, body, duplex: 'half' } as RequestInit
    const answer = await house.raw('POST', '/api/spare_parts', init)
    expect([answer.status, answer.body.error.type]).toEqual([413, 'payload_too_large'])
    expect(answer.headers.get('connection')).toBe('close')
  })

  test('a JSON type with a suffix is taken', async () => {
    const init = { headers: { 'content-type': 'application/merge-patch+json' }, body: '{"size":9}' }
    const { id } = await made()
    const answer = await house.raw('PATCH', `/api/spare_parts/${id}`, init)
    expect([answer.status, answer.body.data.size]).toEqual([200, 9])
  })
})

describe('addresses', () => {
  test('plural and singular, with _ and with -, are the same', async () => {
    const { id, name } = await made()
    for (const base of ['spare_parts', 'spare-parts', 'spare_part', 'spare-part']) {
      expect((await house.send('GET', `/api/${base}/${id}`)).body.data.name).toBe(name)
    }
  })

  test('a lookup value stands for the id, also when it must be escaped', async () => {
    const { id } = await made({ name: '50% off / é' })
    const answer = await house.send('GET', `/api/spare_parts/${encodeURIComponent('50% off / é')}`)
    expect([answer.status, answer.body.data?.id]).toEqual([200, id])
  })

  test('base_path of the YAML answers in addition, and only the endpoints it names', async () => {
    expect((await house.send('GET', '/api/store/shelves')).status).toBe(200)
    expect((await house.send('GET', '/api/shelves')).status).toBe(200)
    expect((await house.send('GET', '/api/store/shelves/everything')).body.data).toEqual([])
    expect((await house.send('GET', '/api/store/shelves/shf_none/label')).body.error.type).toBe('not_found')
    const answer = await house.send('POST', '/api/shelves', { body: { label: 'x' } })
    expect([answer.status, answer.body.error.type]).toEqual([405, 'method_not_allowed'])
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  test('a module that is not served over HTTP is not there', async () => {
    expect((await house.send('GET', '/api/ghosts')).status).toBe(404)
    expect((await house.send('GET', '/api/_schema/ghost')).status).toBe(404)
  })

  test('a record that is not there is 404 for every method', async () => {
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await house.send(
        method,
        '/api/spare_parts/spt_none',
        method === 'GET' ? {} : { body: { size: 1 } },
      )
      expect([method, answer.status, answer.body.error.type]).toEqual([method, 404, 'not_found'])
    }
    expect(
      (await house.send('POST', '/api/spare_parts/spt_none/sell_now', { body: { buyer: 'x' } })).status,
    ).toBe(404)
    expect(house.events).toEqual([])
  })

  test('HEAD answers as GET without a body, and other methods are named', async () => {
    const { id } = await made()
    const head = await house.raw('HEAD', `/api/spare_parts/${id}`, {})
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers.get('etag')).toBeTruthy()
    const answer = await house.send('POST', `/api/spare_parts/${id}`, { body: {} })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, PATCH, DELETE'])
  })
})

describe('changing', () => {
  test('PATCH merges and says what changed', async () => {
    const { id } = await made({ note: 'keep', size: 5 })
    const { status, body } = await house.send('PATCH', `/api/spare_parts/${id}`, { body: { size: 6 } })
    expect([status, body.data.size, body.data.note]).toEqual([200, 6, 'keep'])
    expect(house.events).toEqual(['spare_part.updated'])
  })

  test('PUT puts what was not given back to its default and keeps what cannot be read', async () => {
    const { id, name } = await made({
      note: 'gone',
      size: 5,
      color: 'blue',
      pin: '1234',
      serial: 's-1',
      tags: ['a'],
    })
    const { status, body } = await house.send('PUT', `/api/spare_parts/${id}`, {
      body: { name, color: 'green' },
    })
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ name, color: 'green', size: 3, note: null, tags: null, serial: 's-1' })
    expect((await house.engine.records.get('spare_part' as never, id)) as unknown).toMatchObject({
      pin: '1234',
    })
    expect(house.events).toEqual(['spare_part.updated'])
  })

  test('PUT leaves a role, a standing and an expiry as they are, unless it gives them', async () => {
    const account = { email: 'sticky@example.com', password: 'a long enough password', role: 'support' }
    const operator = (await house.send('POST', '/api/operators', { body: account })).body.data
    await house.send('PATCH', `/api/operators/${operator.id}`, { body: { status: 'suspended' } })
    const renamed = { email: account.email, name: 'Renamed' }
    const kept = await house.send('PUT', `/api/operators/${operator.id}`, { body: renamed })
    expect(kept.body.data).toMatchObject({ name: 'Renamed', role: 'support', status: 'suspended' })
    const given = await house.send('PUT', `/api/operators/${operator.id}`, {
      body: { ...renamed, status: 'active', role: 'billing' },
    })
    expect(given.body.data).toMatchObject({ status: 'active', role: 'billing' })

    const expires_at = '2099-01-01T00:00:00.000Z'
    const token = (
      await house.send('POST', '/api/operator_tokens', { body: { name: 'ci', role: 'support', expires_at } })
    ).body.data
    const put = await house.send('PUT', `/api/operator_tokens/${token.id}`, { body: { name: 'ci2' } })
    expect(put.body.data).toMatchObject({ name: 'ci2', role: 'support', expires_at })
  })

  for (const plural of ['operators', 'operator_tokens']) {
    test(`nobody becomes a superadmin by leaving the role of ${plural} out`, async () => {
      const body = plural === 'operators' ? { email: 'roleless@example.com' } : { name: 'roleless' }
      const answer = await house.send('POST', `/api/${plural}`, { body })
      expect([answer.status, answer.body.error.details]).toEqual([
        400,
        { field: 'role', reason: 'is required' },
      ])
      expect(house.events).toEqual([])
    })
  }

  test('PUT takes back what GET gave', async () => {
    const { id } = await made({ serial: 's-2' })
    const read = await house.send('GET', `/api/spare_parts/${id}`)
    const answer = await house.send('PUT', `/api/spare_parts/${id}`, { body: { ...read.body.data, size: 8 } })
    expect([answer.status, answer.body.data?.size]).toEqual([200, 8])
  })

  const refused: [why: string, method: string, body: object, field: string][] = [
    ['PUT without a required field', 'PUT', { size: 1 }, 'name'],
    ['PUT of another created_at', 'PUT', { name: 'n', created_at: '2020-01-01T00:00:00.000Z' }, 'created_at'],
    ['PATCH of an immutable field', 'PATCH', { serial: 'other' }, 'serial'],
    ['PATCH of the id', 'PATCH', { id: 'spt_x' }, 'id'],
  ]
  for (const [why, method, body, field] of refused) {
    test(`${why} is refused by name and changes nothing`, async () => {
      const { id } = await made({ serial: 'first' })
      const answer = await house.send(method, `/api/spare_parts/${id}`, { body })
      expect([answer.status, answer.body.error.type, answer.body.error.details.field]).toEqual([
        400,
        'validation_error',
        field,
      ])
      expect(house.events).toEqual([])
    })
  }

  test('DELETE answers 204 without a body, and the record is gone', async () => {
    const { id } = await made()
    const answer = await house.raw('DELETE', `/api/spare_parts/${id}`, {})
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(house.events).toEqual(['spare_part.deleted'])
    expect((await house.send('GET', `/api/spare_parts/${id}`)).status).toBe(404)
  })

  test('a custom action answers under its name with _ and with -, and its input is checked', async () => {
    for (const action of ['sell_now', 'sell-now']) {
      const { id } = await made()
      const refused = await house.send('POST', `/api/spare_parts/${id}/${action}`, { body: {} })
      expect([refused.status, refused.body.error.details.field]).toEqual([400, 'buyer'])
      const answer = await house.send('POST', `/api/spare_parts/${id}/${action}`, { body: { buyer: 'Ada' } })
      expect([answer.status, answer.body.data.is_sold]).toEqual([200, true])
      expect(answer.body.data.sold_at).toBe(new Date(house.clock.now()).toISOString())
      expect(house.events).toEqual(['spare_part.sell_now'])
      house.events.length = 0
    }
  })

  test('an internal action and an invented one do not exist', async () => {
    const { id } = await made()
    for (const action of ['audit', 'update', 'constructor']) {
      expect((await house.send('POST', `/api/spare_parts/${id}/${action}`, { body: {} })).status).toBe(404)
    }
    expect(house.events).toEqual([])
  })
})

describe('versions', () => {
  test('a client that has the current version gets 304 without a body', async () => {
    const { id } = await made()
    const { headers } = await house.send('GET', `/api/spare_parts/${id}`)
    const etag = headers.get('etag') ?? ''
    const same = await house.raw('GET', `/api/spare_parts/${id}`, {
      headers: { 'if-none-match': `"x", ${etag}` },
    })
    expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag])
    await house.send('PATCH', `/api/spare_parts/${id}`, { body: { size: 50 } })
    const other = await house.raw('GET', `/api/spare_parts/${id}`, { headers: { 'if-none-match': etag } })
    expect(other.status).toBe(200)
    expect(other.headers.get('etag')).not.toBe(etag)
  })

  test('a write against an old version is refused by PATCH, PUT, DELETE and actions, and changes nothing', async () => {
    const { id, name } = await made()
    const stale = (await house.send('GET', `/api/spare_parts/${id}`)).headers.get('etag') ?? ''
    await house.send('PATCH', `/api/spare_parts/${id}`, { body: { size: 50 } })
    house.events.length = 0
    const writes: [method: string, path: string, body: object][] = [
      ['PATCH', `/api/spare_parts/${id}`, { size: 1 }],
      ['PUT', `/api/spare_parts/${id}`, { name }],
      ['DELETE', `/api/spare_parts/${id}`, {}],
      ['POST', `/api/spare_parts/${id}/sell_now`, { buyer: 'x' }],
    ]
    for (const [method, path, body] of writes) {
      for (const tag of [stale, `"x", ${stale}`, 'nonsense']) {
        const answer = await house.send(method, path, { body, headers: { 'if-match': tag } })
        expect([method, tag, answer.status]).toEqual([method, tag, 412])
      }
    }
    expect(house.events).toEqual([])
    expect((await house.send('GET', `/api/spare_parts/${id}`)).body.data.size).toBe(50)
  })

  test('a write against the current version, alone or among others, goes through', async () => {
    const { id } = await made()
    const etag = (await house.send('GET', `/api/spare_parts/${id}`)).headers.get('etag') ?? ''
    const first = await house.send('PATCH', `/api/spare_parts/${id}`, {
      body: { size: 1 },
      headers: { 'if-match': etag },
    })
    expect(first.status).toBe(200)
    const next = first.headers.get('etag') ?? ''
    const headers = { 'if-match': `"x", ${next}` }
    expect((await house.send('PATCH', `/api/spare_parts/${id}`, { body: { size: 2 }, headers })).status).toBe(
      200,
    )
    expect(
      (await house.raw('DELETE', `/api/spare_parts/${id}`, { headers: { 'if-match': '*' } })).status,
    ).toBe(204)
  })
})

describe('listing', () => {
  test('pages through everything once, in the asked order', async () => {
    const note = uniqueName()
    for (let size = 0; size < 5; size++) await made({ note, size: size % 3 })
    const seen: number[] = []
    let cursor: string | null = null
    do {
      const query = new URLSearchParams({
        note,
        sort: '-size',
        limit: '2',
        count: 'true',
        ...(cursor ? { cursor } : {}),
      })
      const { body } = await house.send('GET', `/api/spare_parts?${query}`)
      expect(body.meta).toMatchObject({ limit: 2, total: 5, has_more: body.meta.next_cursor !== null })
      seen.push(...body.data.map((row: { size: number }) => row.size))
      cursor = body.meta.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual([2, 1, 1, 0, 0])
  })

  test('a total is only counted when it is asked for, and the usual page is 20, the largest 100', async () => {
    const { body } = await house.send('GET', '/api/spare_parts')
    expect(body.meta).not.toHaveProperty('total')
    expect(body.meta.limit).toBe(20)
    expect((await house.send('GET', '/api/spare_parts?limit=5000')).body.meta.limit).toBe(100)
  })

  test('filters narrow what is listed', async () => {
    const note = uniqueName()
    const small = await made({ note, size: 1, is_sold: false })
    const large = await made({ note, size: 90, color: 'blue', made_at: '2026-03-01T10:00:00+02:00' })
    const found = async (query: string) =>
      (await house.send('GET', `/api/spare_parts?note=${encodeURIComponent(note)}&${query}`)).body.data.map(
        (row: { id: string }) => row.id,
      )
    expect(await found('size[gt]=1')).toEqual([large.id])
    expect(await found('size[lte]=1')).toEqual([small.id])
    expect(await found('color[ne]=blue')).toEqual([small.id])
    expect(await found('color[in]=blue,green')).toEqual([large.id])
    expect(await found(`name[like]=${encodeURIComponent(large.name)}`)).toEqual([large.id])
    expect(await found('made_at=null')).toEqual([small.id])
    expect(await found('made_at[lt]=2026-03-01T08:00:01Z')).toEqual([large.id])
    expect(await found('is_sold=true')).toEqual([])
  })

  const refused: [query: string, field: string][] = [
    ['colour=red', 'colour'],
    ['margin=7', 'margin'],
    ['pin=1234', 'pin'],
    ['size=big', 'size'],
    ['size[between]=1', 'size'],
    ['is_sold[gt]=false', 'is_sold'],
    ['color=pink', 'color'],
    ['sort=margin', 'sort'],
    ['sort=nothing', 'sort'],
    ['limit=0', 'limit'],
    ['limit=x', 'limit'],
    ['name=a&name=b', 'name'],
  ]
  for (const [query, field] of refused) {
    test(`?${query} is refused by the name of ${field}`, async () => {
      const answer = await house.send('GET', `/api/spare_parts?${query}`)
      expect([answer.status, answer.body.error.type, answer.body.error.details.field]).toEqual([
        400,
        'validation_error',
        field,
      ])
    })
  }

  test('a cursor that is none is refused', async () => {
    const answer = await house.send('GET', '/api/spare_parts?cursor=abc')
    expect([answer.status, answer.body.error.details.field]).toEqual([400, 'cursor'])
  })
})

describe('describing', () => {
  test('the list of modules names what is served', async () => {
    const { body } = await house.send('GET', '/api/_schema')
    const names = body.data.map((module: { module: string }) => module.module)
    expect(names).toEqual(expect.arrayContaining(['operator', 'spare_part', 'shelf']))
    expect(names).not.toContain('ghost')
  })

  test('a module tells which fields a PUT leaves as they are', async () => {
    const { body } = await house.send('GET', '/api/_schema/operator')
    const sticky = body.data.fields.filter((field: { sticky: boolean }) => field.sticky)
    expect(sticky.map((field: { name: string }) => field.name)).toEqual(['role', 'status'])
  })

  test('a module tells which fields a list of it shows, and in which order', async () => {
    const { body } = await house.send('GET', '/api/_schema/operator')
    expect(body.data.columns).toEqual(['id', 'email', 'name', 'role', 'status'])
  })

  test('a module tells its fields and actions, and nothing internal', async () => {
    const { body } = await house.send('GET', '/api/_schema/spare-parts')
    const fields = new Map(body.data.fields.map((field: { name: string }) => [field.name, field]))
    expect(fields.get('size')).toMatchObject({ type: 'int', default: 3, min: 0, max: 100, required: false })
    expect(fields.get('size')).toHaveProperty('widget')
    expect(fields.get('color')).toMatchObject({ type: 'enum', values: ['red', 'green', 'blue'] })
    expect(fields.get('serial')).toMatchObject({ immutable: true, sticky: false })
    expect(fields.get('pin')).toMatchObject({ write_only: true })
    expect(fields.get('sold_at')).toMatchObject({ read_only: true })
    expect(fields.has('margin')).toBe(false)
    const actions = body.data.actions.map((action: { name: string }) => action.name)
    expect(actions).toContain('sell_now')
    expect(actions).not.toContain('audit')
    expect(body.data.actions.find((action: { name: string }) => action.name === 'sell_now')).toMatchObject({
      method: 'POST',
      path: '/api/spare_parts/{id}/sell_now',
      confirm: true,
      input: [{ name: 'buyer', required: true }],
    })
  })
})
