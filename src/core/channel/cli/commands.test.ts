import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadModules } from '../../schema/load.ts'
import type { Module } from '../../schema/module.ts'
import { type ModuleCommand, moduleCommands } from './commands.ts'
import { inputFrom } from './flags.ts'
import { columnsOf, listParameters } from './list-request.ts'
import { UsageError } from './usage-error.ts'

const root = resolve(import.meta.dirname, '../../../..')
const noInput = async (): Promise<string> => {
  throw new Error('standard input was read')
}
const noFlags = { filters: [], isCounted: false, isAll: false }

let modules: ReadonlyMap<string, Module>
let commands: readonly ModuleCommand[]

beforeAll(async () => {
  modules = await loadModules([resolve(root, 'modules'), resolve(root, 'examples/modules')])
  commands = moduleCommands(modules.values(), ['serve', 'usage'])
})

const command = (name: string): ModuleCommand => {
  const found = commands.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no command ${name}`)
  return found
}

const flagsFor = (name: string, action: string) =>
  command(name).actions.find((each) => each.name === action)?.flags ?? []

const moduleNamed = (name: string): Module => {
  const module = modules.get(name)
  if (module === undefined) throw new Error(`no module ${name}`)
  return module
}

describe('the commands of modules', () => {
  it('has every module under its command, its plural and its singular, and no name twice', () => {
    expect(command('keys').aliases).toEqual(['api-keys', 'api_keys', 'api-key', 'api_key'])
    expect(command('plans').aliases).toEqual(['plan'])
    const names = commands.flatMap((each) => [each.name, ...each.aliases])
    expect(new Set(names).size).toBe(names.length)
  })

  it('has a custom module from its YAML alone', () => {
    expect(command('notes').actions.map((action) => action.name)).toEqual(
      expect.arrayContaining(['list', 'get', 'create', 'update', 'delete', 'pin', 'unpin']),
    )
  })

  it('leaves names that others own to them', () => {
    const [plans] = moduleCommands([moduleNamed('plan')], ['plans', 'plan'])
    expect(plans?.name).toBe('plans-records')
    expect(plans?.aliases).toEqual([])
  })

  it('does not offer what a module keeps to itself', () => {
    expect(command('sessions').actions.map((action) => action.name)).not.toContain('create')
  })
})

describe('the flags of fields', () => {
  it('are in kebab-case and in snake_case, with type, rules, default and values in the help', () => {
    const flags = flagsFor('routes', 'create')
    expect(flags.find((flag) => flag.field.name === 'path_pattern')).toMatchObject({
      name: 'path-pattern',
      alias: 'path_pattern',
      isSwitch: false,
      help: '(string; required)',
    })
    const matchType = flags.find((flag) => flag.field.name === 'match_type')
    expect(matchType?.help).toContain('default "prefix"; one of exact, prefix, regex')
    expect(flags.find((flag) => flag.field.name === 'upstream_id')?.help).toContain('ref to upstream')
    expect(flags.find((flag) => flag.field.name === 'enabled')?.isSwitch).toBe(true)
  })

  it('are there only for what can be set: no internal, implicit or read-only field, and on update no immutable one', () => {
    const create = flagsFor('keys', 'create').map((flag) => flag.field.name)
    expect(create).toContain('organization_id')
    for (const name of ['id', 'hash', 'prefix', 'revoked_at', 'created_at'])
      expect(create).not.toContain(name)
    expect(flagsFor('keys', 'update').map((flag) => flag.field.name)).not.toContain('organization_id')
  })

  it('step aside for the flags of the command itself', () => {
    const [first] = moduleNamed('note').fields.values()
    if (first === undefined) throw new Error('a module without fields')
    const title = moduleNamed('note').fields.get('title')
    if (title === undefined) throw new Error('no title')
    const fields = new Map([...moduleNamed('note').fields, ['output', { ...title, name: 'output' }]])
    const [changed] = moduleCommands([{ ...moduleNamed('note'), fields }], [])
    const flags = changed?.actions.find((action) => action.name === 'create')?.flags
    expect(flags?.find((flag) => flag.field.name === 'output')?.name).toBe('field-output')
  })
})

describe('the input from flags', () => {
  it('has the JSON type of each field', async () => {
    const input = await inputFrom(
      flagsFor('routes', 'create'),
      new Map<string, string | boolean>([
        ['name', 'main'],
        ['priority', '-5'],
        ['methods', '["GET","POST"]'],
        ['enabled', false],
      ]),
      [],
      noInput,
    )
    expect(input).toEqual({ name: 'main', priority: -5, methods: ['GET', 'POST'], enabled: false })
  })

  it.each(['GET,POST', '[GET]', ''])('does not guess what "%s" means for a JSON field', async (text) => {
    await expect(
      inputFrom(flagsFor('routes', 'create'), new Map([['methods', text]]), [], noInput),
    ).rejects.toThrow(/--methods is JSON/)
  })

  it('reads a secret given as - from standard input, so that it stays out of the shell history', async () => {
    const flags = flagsFor('operators', 'create')
    expect(await inputFrom(flags, new Map([['password', '-']]), [], async () => 'hunter2hunter2')).toEqual({
      password: 'hunter2hunter2',
    })
    expect(await inputFrom(flags, new Map([['name', '-']]), [], noInput)).toEqual({ name: '-' })
  })

  it('empties a field that --clear names, and refuses names that are not there or that are set as well', async () => {
    const flags = flagsFor('plans', 'update')
    expect(await inputFrom(flags, new Map(), ['stripe-price-id'], noInput)).toEqual({ stripe_price_id: null })
    await expect(inputFrom(flags, new Map(), ['nothing'], noInput)).rejects.toThrow(UsageError)
    await expect(inputFrom(flags, new Map([['name', 'x']]), ['name'], noInput)).rejects.toThrow(UsageError)
  })
})

describe('the flags of list', () => {
  it('become the query parameters of the REST channel', () => {
    const parameters = listParameters(moduleNamed('plan'), {
      ...noFlags,
      limit: '500',
      cursor: 'abc',
      sort: '-price-monthly',
      filters: ['enabled=true', 'price_monthly[gte]=1000', 'name[like]=a=b%'],
      isCounted: true,
    })
    expect([...parameters]).toEqual([
      ['limit', '100'],
      ['cursor', 'abc'],
      ['sort', '-price_monthly'],
      ['count', 'true'],
      ['enabled', 'true'],
      ['price_monthly[gte]', '1000'],
      ['name[like]', 'a=b%'],
    ])
  })

  it.each([
    ['a limit of nothing', { limit: '0' }, '--limit'],
    ['a limit in words', { limit: 'ten' }, '--limit'],
    ['an unknown sort field', { sort: 'prise_monthly' }, 'did you mean "price_monthly"'],
    ['an unknown filter field', { filters: ['color=red'] }, 'no field "color"'],
    ['an unknown comparison', { filters: ['name[is]=x'] }, 'gt, gte, lt, lte, ne, in, like'],
    ['a filter without a value', { filters: ['name'] }, '--filter is field=value'],
    ['all and a page at once', { isAll: true, limit: '5' }, '--all'],
  ])('refuse %s by name', (_what, flags, message) => {
    expect(() => listParameters(moduleNamed('plan'), { ...noFlags, ...flags })).toThrow(UsageError)
    expect(() => listParameters(moduleNamed('plan'), { ...noFlags, ...flags })).toThrow(message)
  })

  it('never show or filter by an internal field or a secret', () => {
    expect(() => columnsOf(moduleNamed('api_key'), 'id,hash')).toThrow('no field "hash"')
    expect(() => listParameters(moduleNamed('api_key'), { ...noFlags, filters: ['hash=x'] })).toThrow(
      UsageError,
    )
    expect(() => columnsOf(moduleNamed('upstream'), 'auth_value_encrypted')).toThrow(UsageError)
  })

  it('show the columns of the module unless others are asked for', () => {
    expect(columnsOf(moduleNamed('api'), undefined)).toEqual(['id', 'slug', 'name', 'visibility', 'status'])
    expect(columnsOf(moduleNamed('api'), 'slug, created-at')).toEqual(['slug', 'created_at'])
  })
})
