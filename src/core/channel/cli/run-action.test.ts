import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import { createFakeTerminal } from '#test/cli/fake-terminal.ts'
import type { Backend } from './backend.ts'
import { loadModuleCommands, type ModuleCommand } from './commands.ts'
import { type ActionRequest, runAction } from './run-action.ts'

const root = resolve(import.meta.dirname, '../../../..')
let commands: readonly ModuleCommand[]

beforeAll(async () => {
  commands = await loadModuleCommands([resolve(root, 'modules')], [])
})

interface FakeBackend extends Backend {
  readonly calls: unknown[]
}

function createFakeBackend(answers: {
  rows?: readonly Row[]
  get?: Outcome<Row>
  invoke?: Outcome<InvocationResult | undefined>
}): FakeBackend {
  const calls: unknown[] = []
  const rows = answers.rows ?? []
  return {
    calls,
    async list(_module, parameters) {
      calls.push(['list', Object.fromEntries(parameters)])
      const start = Number(parameters.get('cursor') ?? 0)
      const limit = parameters.get('limit') === '100' ? 2 : 20
      const next = start + limit < rows.length ? String(start + limit) : null
      const meta = { limit, has_more: next !== null, next_cursor: next }
      const counted = parameters.has('count') ? { ...meta, total: rows.length } : meta
      return accept({ rows: rows.slice(start, start + limit), meta: counted })
    },
    async get(module, id) {
      calls.push(['get', module.name, id])
      return answers.get ?? refuse('not_found', 'No such record')
    },
    async invoke(module, action, call) {
      calls.push([action.name, module.name, call])
      return answers.invoke ?? accept(undefined)
    },
  }
}

const plainRequest: ActionRequest = {
  flags: new Map(),
  cleared: [],
  list: { filters: [], isCounted: false, isAll: false },
  output: 'table',
  isConfirmed: false,
}

async function run(
  commandName: string,
  actionName: string,
  backend: Backend,
  request: Partial<ActionRequest> = {},
  terminal = createFakeTerminal(),
) {
  const command = commands.find((each) => each.name === commandName)
  const action = command?.actions.find((each) => each.name === actionName)
  if (command === undefined || action === undefined) throw new Error(`no ${commandName} ${actionName}`)
  const exitCode = await runAction(
    command,
    action,
    { ...plainRequest, ...request },
    async () => backend,
    terminal,
  )
  return { exitCode, out: terminal.out(), notes: terminal.notes(), questions: terminal.questions }
}

const plan = (number: number): Row => ({
  id: `pln_${number}`,
  name: `plan ${number}`,
  price_monthly: number * 100,
})

describe('list', () => {
  it('draws a table of the columns and says on standard error how to go on', async () => {
    const rows = Array.from({ length: 21 }, (_, index) => plan(index))
    const { exitCode, out, notes } = await run('plans', 'list', createFakeBackend({ rows }), {
      columns: 'id,price_monthly',
    })
    expect(exitCode).toBe(0)
    expect(out.split('\n').slice(0, 2)).toEqual(['ID      PRICE_MONTHLY', 'pln_0               0'])
    expect(notes).toContain('--cursor 20')
  })

  it('fetches page after page for --all and counts once', async () => {
    const backend = createFakeBackend({ rows: [plan(1), plan(2), plan(3), plan(4), plan(5)] })
    const list = { filters: ['enabled=true'], isCounted: true, isAll: true }
    const { out } = await run('plans', 'list', backend, { list, output: 'json' })
    expect(JSON.parse(out)).toMatchObject({
      success: true,
      data: [{ id: 'pln_1' }, { id: 'pln_2' }, { id: 'pln_3' }, { id: 'pln_4' }, { id: 'pln_5' }],
      meta: { has_more: false, next_cursor: null, total: 5 },
    })
    expect(backend.calls).toEqual([
      ['list', { limit: '100', count: 'true', enabled: 'true' }],
      ['list', { limit: '100', cursor: '2', enabled: 'true' }],
      ['list', { limit: '100', cursor: '4', enabled: 'true' }],
    ])
  })

  it.each([
    ['json', (text: string): unknown => JSON.parse(text)],
    ['yaml', (text: string): unknown => parse(text)],
  ] as const)(
    'answers %s in the envelope of the REST channel, which reads back as the same values',
    async (output, read) => {
      const row = {
        id: 'pln_1',
        name: '\u001b[31m\u009b\u202e"quoted"\n: yes',
        price_monthly: 0,
        api_id: null,
      }
      const { out } = await run('plans', 'list', createFakeBackend({ rows: [row] }), { output })
      expect(read(out)).toEqual({
        success: true,
        data: [row],
        meta: { limit: 20, has_more: false, next_cursor: null },
      })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that must not be there
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    },
  )
})

describe('refusals', () => {
  it.each([
    ['a field', refuseFields([{ field: 'name', reason: 'is required' }]), 'error: name is required\n'],
    [
      'several fields',
      refuseFields([
        { field: 'name', reason: 'is required' },
        { field: 'trial_days', reason: 'must be at least 0' },
      ]),
      'error: name is required; trial_days must be at least 0\n',
    ],
    [
      'a field that the message does not name',
      refuse('conflict', 'That value is taken', { field: 'name' }),
      'error: That value is taken (field: name)\n',
    ],
    [
      'a text that would drive the terminal',
      refuse('conflict', 'no\u001b[2J\nno'),
      'error: no\\u001b[2J\\nno\n',
    ],
  ])('are one line on standard error with exit code 1: %s', async (_what, refusal, line) => {
    const { exitCode, out, notes } = await run('plans', 'create', createFakeBackend({ invoke: refusal }))
    expect({ exitCode, out, notes }).toEqual({ exitCode: 1, out: '', notes: line })
  })

  it('come before anything is opened when the command line itself is wrong', async () => {
    const open = async (): Promise<Backend> => {
      throw new Error('the instance was opened')
    }
    const command = commands.find((each) => each.name === 'plans')
    const list = command?.actions.find((each) => each.name === 'list')
    if (command === undefined || list === undefined) throw new Error('no plans list')
    const request: ActionRequest = {
      flags: new Map(),
      cleared: [],
      list: { filters: ['nothing=1'], isCounted: false, isAll: false },
      output: 'table',
      isConfirmed: false,
    }
    await expect(runAction(command, list, request, open, createFakeTerminal())).rejects.toThrow(
      'no field "nothing"',
    )
  })
})

describe('actions that ask first', () => {
  const request = { id: 'key_1' }

  it('do nothing without a terminal and say how to go on', async () => {
    const backend = createFakeBackend({})
    const { exitCode, notes } = await run('keys', 'revoke', backend, request)
    expect(exitCode).toBe(1)
    expect(notes).toContain('--yes')
    expect(backend.calls).toEqual([])
  })

  it('do nothing after a no', async () => {
    const backend = createFakeBackend({})
    const { exitCode, questions } = await run(
      'keys',
      'revoke',
      backend,
      request,
      createFakeTerminal({ answer: false }),
    )
    expect(exitCode).toBe(1)
    expect(questions).toHaveLength(1)
    expect(backend.calls).toEqual([])
  })

  it.each([
    ['after a yes', {}, true],
    ['with --yes, without asking', { isConfirmed: true }, undefined],
  ])('act %s', async (_how, more, answer) => {
    const backend = createFakeBackend({ invoke: accept({ row: { id: 'key_1' }, once: {} }) })
    const terminal = createFakeTerminal(answer === undefined ? {} : { answer })
    const { exitCode, questions } = await run('keys', 'revoke', backend, { ...request, ...more }, terminal)
    expect(exitCode).toBe(0)
    expect(questions).toHaveLength(answer === undefined ? 0 : 1)
    expect(backend.calls).toEqual([['revoke', 'api_key', { id: 'key_1', input: {} }]])
  })

  it('include delete, which then says what is gone', async () => {
    const { out } = await run('plans', 'delete', createFakeBackend({}), { id: 'free', isConfirmed: true })
    expect(out).toBe('deleted Plan free\n')
  })
})

describe('what is shown once', () => {
  const made = accept({ row: { id: 'key_1', name: 'first' }, once: { key: 'ak_secret' } })

  it('stands out after the record, with a word that it will not come again', async () => {
    const { out } = await run('keys', 'create', createFakeBackend({ invoke: made }))
    expect(out).toContain('\nkey: ak_secret\n')
    expect(out).toContain('not shown again')
  })

  it('is part of the data for programs, as over REST', async () => {
    const { out } = await run('keys', 'create', createFakeBackend({ invoke: made }), { output: 'json' })
    expect(JSON.parse(out)).toEqual({ success: true, data: { id: 'key_1', name: 'first', key: 'ak_secret' } })
  })
})

describe('get', () => {
  it('shows every field that the module shows, and no other', async () => {
    const row = { id: 'key_1', prefix: 'ak_1234', name: 'first', hash: 'must not be shown' }
    const { out } = await run('keys', 'get', createFakeBackend({ get: accept(row) }), { id: 'ak_1234' })
    expect(out).toContain('prefix           ak_1234')
    expect(out).toContain('revoked_at       -')
    expect(out).not.toContain('must not be shown')
  })
})

it('says how a field is written whose name the command line has for itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apigate-flags-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'beacon.yaml'),
    'module: beacon\nmeta: { description: A light, plural: Beacons }\nschema:\n  token: { type: string, required: true }\n',
  )
  const [beacons] = await loadModuleCommands([folder], [])
  const create = beacons?.actions.find(({ name }) => name === 'create')
  if (beacons === undefined || create === undefined) throw new Error('there is no such command')
  const terminal = createFakeTerminal()
  const backend = createFakeBackend({ invoke: refuseFields([{ field: 'token', reason: 'is required' }]) })
  await runAction(beacons, create, plainRequest, async () => backend, terminal)
  expect(terminal.notes()).toContain('the field token is written --field-token here')
})
