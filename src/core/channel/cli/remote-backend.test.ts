import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { errorBody, successBody } from '#contract/envelope.ts'
import { Fault, refuse } from '#contract/outcome.ts'
import { quietPort } from '#test/support/quiet-port.ts'
import { loadModules } from '../../schema/load.ts'
import type { Action, Module } from '../../schema/module.ts'
import { createRemoteBackend } from './remote-backend.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly body: string
}

let server: Server
let url: string
let seen: Seen[] = []
let answer: { status: number; body: string }
let keys: Module

const action = (name: string): Action => {
  const found = keys.actions.get(name)
  if (found === undefined) throw new Error(`no action ${name}`)
  return found
}

beforeAll(async () => {
  const modules = await loadModules([resolve(import.meta.dirname, '../../../../modules')])
  const found = modules.get('api_key')
  if (found === undefined) throw new Error('no module api_key')
  keys = found
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({
      method: request.method,
      url: request.url,
      authorization: request.headers.authorization,
      body,
    })
    response.writeHead(answer.status, { location: '/elsewhere' }).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  seen = []
  answer = { status: 200, body: JSON.stringify(successBody({ id: 'key_1' })) }
})

const backend = (at = url) => createRemoteBackend({ url: at, token: 'opt_secret' })

describe('a remote backend', () => {
  it('asks with the token and reads a page in the envelope', async () => {
    const meta = { limit: 20, has_more: false, next_cursor: null }
    answer = { status: 200, body: JSON.stringify(successBody([{ id: 'key_1' }], { meta })) }
    const outcome = await backend(`${url}/`).list(keys, new URLSearchParams([['name[like]', 'a&b%']]))
    expect(outcome).toEqual({ ok: true, value: { rows: [{ id: 'key_1' }], meta } })
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/api/api_keys?name%5Blike%5D=a%26b%25',
        authorization: 'Bearer opt_secret',
        body: '',
      },
    ])
  })

  it.each([
    ['create', undefined, 'POST', '/api/api_keys', '{"name":"a"}'],
    ['update', 'key_1', 'PATCH', '/api/api_keys/key_1', '{"name":"a"}'],
    ['delete', 'key_1', 'DELETE', '/api/api_keys/key_1', ''],
    ['revoke', 'a/../b', 'POST', '/api/api_keys/a%2F..%2Fb/revoke', '{"name":"a"}'],
  ])(
    'sends %s as its REST request, with the id as one path segment',
    async (name, id, method, path, body) => {
      if (name === 'delete') answer = { status: 204, body: '' }
      const call = id === undefined ? { input: { name: 'a' } } : { id, input: { name: 'a' } }
      const outcome = await backend().invoke(keys, action(name), call)
      expect(outcome.ok).toBe(true)
      expect(seen).toEqual([{ method, url: path, authorization: 'Bearer opt_secret', body }])
    },
  )

  it('tells what is shown once from the fields of the record', async () => {
    answer = { status: 201, body: JSON.stringify(successBody({ id: 'key_1', name: 'a', key: 'ak_1' })) }
    const outcome = await backend().invoke(keys, action('create'), { input: {} })
    expect(outcome).toEqual({ ok: true, value: { row: { id: 'key_1', name: 'a' }, once: { key: 'ak_1' } } })
  })

  it('hands the refusals of the server on', async () => {
    const refusal = refuse('validation_error', 'name is required', { field: 'name', reason: 'is required' })
    answer = { status: 400, body: JSON.stringify(errorBody(refusal, 'req_1')) }
    expect(await backend().get(keys, 'x')).toEqual(refusal)
  })

  it.each([
    [
      'the server has failed',
      500,
      JSON.stringify(errorBody(refuse('internal_error', 'Something failed'), 'req_1')),
    ],
    ['something else than APIGate answers', 200, '<html>'],
    ['a refusal is not of our making', 404, '{"message":"not found"}'],
    ['the server points elsewhere, so that the token goes nowhere else', 302, ''],
  ])('fails with one sentence where %s', async (_what, status, body) => {
    answer = { status, body }
    await expect(backend().get(keys, 'x')).rejects.toThrow(Fault)
    expect(seen).toHaveLength(1)
  })

  it('fails with the address and the reason where nobody listens', async () => {
    const at = `http://127.0.0.1:${await quietPort()}`
    await expect(backend(at).get(keys, 'x')).rejects.toThrow(`cannot reach ${at}: connect ECONNREFUSED`)
  })

  it.each(['example.com', 'ftp://example.com', 'http://user:pass@example.com'])(
    'refuses %s as an address',
    (at) => {
      expect(() => backend(at)).toThrow('--server is an address')
    },
  )
})
