import { resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

const overHttp = (token: string, headers: Record<string, string> = {}): Promise<Client> =>
  connected(
    new StreamableHTTPClientTransport(new URL(`${house.url}/api/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}`, ...headers } },
    }) as Transport,
  )

const overStdio = (args: readonly string[], folder: string): Promise<Client> =>
  connected(
    new StdioClientTransport({
      command: resolve(import.meta.dirname, '../../bin/apigate'),
      args: ['mcp', ...args],
      cwd: folder,
      stderr: 'ignore',
    }),
  )

async function allTools(client: Client) {
  const tools = []
  let cursor: string | undefined
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor })
    tools.push(...page.tools)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return tools
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into results freely
const call = async (client: Client, name: string, given: Record<string, unknown> = {}): Promise<any> =>
  client.callTool({ name, arguments: given })

const issue = async (role: string): Promise<string> =>
  (await house.create('operator_tokens', { name: `agent-${role}`, role })).token

describe('an agent', () => {
  test('is offered every action that is served, page by page, with schemas that are valid', async () => {
    const tools = await allTools(await overHttp(house.token))
    const names = tools.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining([
        'list_plans',
        'get_plan',
        'create_plan',
        'update_plan',
        'delete_plan',
        'revoke_api_key',
      ]),
    )
    expect(names).not.toContain('create_session')
    const ajv = new Ajv2020({ strict: false })
    for (const { inputSchema } of tools) expect(() => ajv.compile(inputSchema)).not.toThrow()
    expect(tools.length).toBeGreaterThan(50)
    const byName = new Map(tools.map((tool) => [tool.name, tool]))
    expect(byName.get('list_plans')?.annotations).toMatchObject({
      readOnlyHint: true,
      destructiveHint: false,
    })
    expect(byName.get('suspend_organization')?.annotations).toMatchObject({ destructiveHint: true })
    expect(JSON.stringify(tools)).not.toMatch(/password_hash|is_operator/)
  })

  test('makes, finds, changes and removes records as REST does', async () => {
    const client = await overHttp(house.token)
    const made = await call(client, 'create_plan', { name: 'agent', price_monthly: 5 })
    expect(made.structuredContent.data).toMatchObject({ name: 'agent', price_monthly: 5 })
    expect(JSON.parse(made.content[0].text)).toEqual(made.structuredContent)
    const changed = await call(client, 'update_plan', { id: 'agent', price_monthly: 6 })
    expect(changed.structuredContent.data.price_monthly).toBe(6)
    const listed = await call(client, 'list_plans', {
      filter: { 'price_monthly[lte]': '6' },
      sort: 'name',
      limit: 1,
    })
    expect(listed.structuredContent).toMatchObject({
      data: [{ name: 'agent' }],
      meta: { has_more: true, limit: 1 },
    })
    const next = await call(client, 'list_plans', {
      filter: { 'price_monthly[lte]': '6' },
      sort: 'name',
      limit: 1,
      cursor: listed.structuredContent.meta.next_cursor,
    })
    expect(next.structuredContent.data[0].name).toBe('free')
    expect((await call(client, 'delete_plan', { id: 'agent' })).structuredContent).toEqual({
      success: true,
      data: null,
    })
    const key = await call(client, 'create_api_key', { organization_id: 'operator' })
    expect(key.structuredContent.data.key).toMatch(/^ak_/)
    const revoked = await call(client, 'revoke_api_key', { id: key.structuredContent.data.id })
    expect(revoked.structuredContent.data.revoked_at).not.toBeNull()
  })

  test('is told a refusal as the error of its tool, with our error body', async () => {
    const client = await overHttp(house.token)
    const refusals: [string, Record<string, unknown>, string, string | undefined][] = [
      ['get_plan', { id: 'nobody' }, 'not_found', undefined],
      ['get_plan', {}, 'validation_error', 'id'],
      ['get_plan', { id: 'free', wings: 2 }, 'validation_error', 'wings'],
      ['create_plan', { name: 'x', wings: 2 }, 'validation_error', 'wings'],
      ['list_plans', { wings: 2 }, 'validation_error', 'wings'],
      ['list_plans', { filter: 'x' }, 'validation_error', 'filter'],
    ]
    for (const [name, given, type, field] of refusals) {
      const result = await call(client, name, given)
      expect(result.isError, name).toBe(true)
      expect(result.structuredContent.error).toMatchObject({
        type,
        ...(field === undefined ? {} : { details: { field } }),
      })
    }
    await expect(call(client, 'drop_database')).rejects.toThrow('There is no tool drop_database')
  })

  test('may what its token may, and not a word more', async () => {
    const client = await overHttp(await issue('support'))
    const names = (await allTools(client)).map(({ name }) => name)
    expect(names).toContain('list_plans')
    expect(names.filter((name) => !/^(list|get)_/.test(name))).toEqual([])
    await expect(call(client, 'create_plan', { name: 'sneaked' })).rejects.toThrow(
      'There is no tool create_plan',
    )
    expect((await house.api('GET', '/api/plans/sneaked')).status).toBe(404)
  })

  test('is shut out with the next message when its token is revoked', async () => {
    const token = await house.create('operator_tokens', { name: 'agent', role: 'support' })
    const client = await overHttp(token.token)
    await house.api('POST', `/api/operator_tokens/${token.id}/revoke`, {})
    await expect(call(client, 'list_plans')).rejects.toThrow()
  })
})

describe('the address of agents', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2024-01-01' },
  }

  test('is closed to strangers and to pages of other addresses', async () => {
    expect((await house.api('POST', '/api/mcp', initialize, { authorization: '' })).status).toBe(401)
    const foreign = await house.api('POST', '/api/mcp', initialize, { origin: 'https://evil.example' })
    expect([foreign.status, foreign.body.error.type]).toEqual([403, 'forbidden'])
    expect((await house.api('POST', '/api/mcp', initialize, { origin: house.url })).status).toBe(200)
  })

  test('speaks the newest version it knows to who asks for another, and refuses what was not agreed on', async () => {
    const answer = await house.api('POST', '/api/mcp', initialize)
    expect(answer.body.result.protocolVersion).toBe('2025-11-25')
    const other = await house.api('POST', '/api/mcp', initialize, { 'mcp-protocol-version': '1999-01-01' })
    expect(other.status).toBe(400)
  })

  test('answers nothing to notifications, and mistakes by their JSON-RPC code', async () => {
    const said = await house.api('POST', '/api/mcp', { jsonrpc: '2.0', method: 'notifications/initialized' })
    expect([said.status, said.body]).toEqual([202, ''])
    const codes: [object, number][] = [
      [{ jsonrpc: '2.0', id: 1, method: 'wings/flap' }, -32_601],
      [{ jsonrpc: '2.0', id: 1, method: '__proto__x' }, -32_601],
      [{ jsonrpc: '1.0', id: 1, method: 'ping' }, -32_600],
      [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: [] }, -32_602],
      [{ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: 'elsewhere' } }, -32_602],
    ]
    for (const [message, code] of codes)
      expect((await house.api('POST', '/api/mcp', message)).body.error.code).toBe(code)
    expect((await house.api('GET', '/api/mcp')).status).toBe(405)
  })
})

describe('apigate mcp', () => {
  test("works on the instance's own files, and says nothing but its messages", async () => {
    const client = await overStdio([], temporaryFolder())
    const plans = await call(client, 'list_plans', { sort: 'name' })
    expect(plans.structuredContent.data[0].name).toBe('free')
  })

  test('passes everything on to a server, under the permissions of the token', async () => {
    const client = await overStdio(
      ['--server', house.url, '--token', await issue('billing')],
      temporaryFolder(),
    )
    expect((await call(client, 'create_plan', { name: 'by-agent' })).structuredContent.data.name).toBe(
      'by-agent',
    )
    await expect(call(client, 'create_route', {})).rejects.toThrow('There is no tool create_route')
  })
})

describe('tools of outside services', () => {
  test('let a superadmin call what a capability can do, which is kept in the audit log', async () => {
    const client = await overHttp(house.token)
    const called = await client.callTool({
      name: 'call_cache_set',
      arguments: { key: 'greeting', value: 'hello' },
    })
    expect(called.isError).toBe(false)
    const read = await client.callTool({ name: 'call_cache_get', arguments: { key: 'greeting' } })
    expect(read.structuredContent).toMatchObject({ success: true, data: { found: true, value: 'hello' } })
    const log = (await house.api('GET', '/admin/audit?action=provider.call')).body.data
    expect(log).toHaveLength(2)
  })

  test('are neither offered to nor called by anybody else', async () => {
    const made = await house.create('operator_tokens', { name: 'looker', role: 'support' })
    const client = await overHttp(made.token)
    const { tools } = await client.listTools()
    expect(tools.filter(({ name }) => name.startsWith('call_'))).toEqual([])
    await expect(client.callTool({ name: 'call_cache_get', arguments: { key: 'greeting' } })).rejects.toThrow(
      /There is no tool/,
    )
  })
})
