import { expect, test } from 'vitest'
import { moduleFolder } from '#test/support/module-folder.ts'
import { loadModules } from './load.ts'
import { SchemaFault } from './problem.ts'

const field = (attributes: string): string => `module: thing\nschema:\n  price: { ${attributes} }\n`
const good = 'module: thing\nschema:\n  name: { type: string, lookup: true }\n'

async function problemsOf(files: Readonly<Record<string, string>>) {
  const error = await loadModules([moduleFolder(files)]).catch((caught: unknown) => caught)
  if (!(error instanceof SchemaFault)) throw new Error(`loaded, or failed otherwise: ${String(error)}`)
  return error.problems.map(
    ({ file, line, field: place, message }) => `${file.split('/').at(-1)}:${line}: ${place}: ${message}`,
  )
}

const broken: [what: string, yaml: string, problem: string][] = [
  ['an empty file', '', 'a.yaml:1: : must be a map, not nothing'],
  ['a list', '- module: thing\n', 'a.yaml:1: : must be a map, not a list'],
  ['an alias of nothing', `${good}unique: *sets\n`, 'a.yaml:4: : is not valid YAML: Unresolved alias'],
  [
    'aliases that multiply',
    `a: &a [x, x]\nb: &b [${'*a,'.repeat(30)}]\nc: [${'*b,'.repeat(30)}]\n`,
    'a.yaml:3: : is not valid YAML: Excessive alias count indicates a resource exhaustion attack; write the value out',
  ],
  [
    'a tag',
    `${good}unique: !!js/function x\n`,
    'a.yaml:4: : is not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function',
  ],
  [
    'two documents',
    `${good}---\n${good}`,
    'a.yaml:4: : is not valid YAML: Source contains multiple documents',
  ],
  [
    'a file without an end',
    `${good}# ${'x'.repeat(1024 * 1024)}\n`,
    'a.yaml:1: : is longer than 1048576 bytes; split it',
  ],
  [
    'a role that nobody has',
    `${good}actions: { update: { auth: role:boss } }\n`,
    'a.yaml:4: actions.update.auth: must be one of admin, self_or_admin, role:owner',
  ],
  [
    'self where there is no record yet',
    `${good}actions: { create: { auth: self_or_admin } }\n`,
    'a.yaml:4: actions.create: "self_or_admin" needs a record that is there; use "role:member" for create',
  ],
  [
    'code for an action that reads',
    `${good}actions: { list: { call: look } }\n`,
    'a.yaml:4: actions.list: "list" takes no "call" and no "output"; remove them',
  ],
  [
    'an unknown scope',
    `meta: { scope: organisation }\n${good}`,
    'a.yaml:1: meta.scope: must be one of instance, organization',
  ],
  [
    'an organization that is written otherwise',
    `meta: { scope: organization }\n${good}  organization_id: { type: string }\n`,
    'a.yaml:5: schema.organization_id: "scope: organization" needs it as { type: ref, to: organization, required: true, immutable: true }, or not written at all',
  ],
  [
    'an amount in a currency that no field holds',
    field('type: int, money: currrency'),
    'a.yaml:3: schema.price.money: unknown field "currrency"',
  ],
  [
    'an amount whose currency is a number',
    field('type: int, money: price'),
    'a.yaml:3: schema.price.money: "price" is no string, so it holds no currency',
  ],
  [
    'an amount that is a text',
    field('type: string, money: price'),
    'a.yaml:3: schema.price: "money" belongs to int, not to "string"; remove it',
  ],
  [
    'a name of records that is no field',
    `meta: { name_field: titel }\n${good}  title: { type: string }\n`,
    'a.yaml:1: meta.name_field: unknown field "titel" (did you mean "title"?)',
  ],
  [
    'a name of records that nobody is shown',
    `meta: { name_field: pin }\n${good}  pin: { type: secret }\n`,
    'a.yaml:1: meta.name_field: "pin" is nothing that people can be shown as a name',
  ],
  [
    'a length of a number',
    field('type: int, length: 3'),
    'a.yaml:3: schema.price: "length" belongs to text and bytes; use "min" and "max"',
  ],
  [
    'a length and a bound',
    field('type: string, length: 3, max: 5'),
    'a.yaml:3: schema.price: "length" is both "min" and "max"; remove those',
  ],
  [
    'a pattern that cannot take linear time',
    field('type: string, pattern: "(a)\\\\1"'),
    'a.yaml:3: schema.price: "pattern" is not a regular expression that can be used',
  ],
  [
    'a computed secret',
    field('type: secret, computed: "1"'),
    'a.yaml:3: schema.price: a "secret" cannot be computed; use another type',
  ],
  [
    'a set of a computed field',
    `${good}  size: { type: int, computed: "1" }\nactions: { grow: { set: { size: 2 } } }\n`,
    'a.yaml:5: actions.grow.set.size: cannot be set; remove it',
  ],
  [
    'an unknown type',
    field('type: integer'),
    'a.yaml:3: schema.price: unknown type "integer" (did you mean "int"?)',
  ],
  [
    'an unknown attribute',
    field('type: int, requird: true'),
    'a.yaml:3: schema.price.requird: unknown key "requird" (did you mean "required"?)',
  ],
  [
    'an unknown top-level key',
    `${good}hook: {}\n`,
    'a.yaml:4: hook: unknown key "hook" (did you mean "hooks"?)',
  ],
  [
    'text where a flag belongs',
    field('type: int, required: "yes"'),
    'a.yaml:3: schema.price.required: must be true or false, not the string "yes"',
  ],
  [
    'a ref to an unknown module',
    field('type: ref, to: thong'),
    'a.yaml:3: schema.price: refers to an unknown module "thong" (did you mean "thing"?)',
  ],
  [
    'a ref without a target',
    field('type: ref'),
    'a.yaml:3: schema.price: a ref needs a target; add "to: <module>"',
  ],
  [
    'an enum without values',
    field('type: enum'),
    'a.yaml:3: schema.price: an enum needs values; add "values: [first, second]"',
  ],
  [
    'a default of the wrong type',
    field('type: int, default: ten'),
    'a.yaml:3: schema.price: the default must be a whole number',
  ],
  [
    'a default outside the bounds',
    field('type: int, min: 5, default: 1'),
    'a.yaml:3: schema.price: the default must be at least 5',
  ],
  [
    'a default that the enum does not have',
    field('type: enum, values: [a], default: b'),
    'a.yaml:3: schema.price: the default must be one of a',
  ],
  [
    'a broken pattern',
    field('type: string, pattern: "["'),
    'a.yaml:3: schema.price: "pattern" is not a regular expression',
  ],
  [
    'bounds on a bool',
    field('type: bool, min: 1'),
    '"min" and "max" belong to int, string, email, secret, bytes',
  ],
  [
    'a secret that is unique',
    field('type: secret, unique: true'),
    '"unique", "lookup" and "index" do not work on "secret"',
  ],
  ['a secret with a default', field('type: secret, default: hush'), 'a secret has no default'],
  [
    'a required ref that would be emptied',
    field('type: ref, to: thing, required: true, on_delete: set_null'),
    '"on_delete: set_null" cannot empty a required field',
  ],
  [
    'a field that the engine makes',
    'module: thing\nschema:\n  id: { type: string }\n',
    'a.yaml:3: schema.id: "id" is a name that the engine keeps',
  ],
  [
    'a field with capitals',
    'module: thing\nschema:\n  Price: { type: int }\n',
    'a.yaml:3: schema.Price: the name must be lower-case',
  ],
  [
    'a module named like a table of ours',
    'module: event\nschema:\n  a: { type: int }\n',
    'a.yaml:1: module: the table "events" is one that the product keeps',
  ],
  [
    'a hook of an unknown action',
    `${good}hooks:\n  before_crate: []\n`,
    'a.yaml:5: hooks.before_crate: unknown hook "before_crate" (did you mean "before_create"?)',
  ],
  [
    'a hook step of two kinds',
    `${good}hooks:\n  before_create:\n    - { call: a, emit: b.c }\n`,
    'a.yaml:6: hooks.before_create[0]: must be exactly one of',
  ],
  [
    'a column that is no field',
    `${good}channels:\n  cli:\n    serve:\n      commands:\n        - { action: list, columns: [id, nam] }\n`,
    'a.yaml:8: channels.cli.serve.commands[0].columns[1]: unknown field "nam" (did you mean "name"?)',
  ],
  [
    'an endpoint of an unknown action',
    `${good}channels:\n  http:\n    serve:\n      endpoints:\n        - { action: lst, method: GET, path: "/" }\n`,
    'unknown action "lst" (did you mean "list"?)',
  ],
  [
    'an endpoint that writes by GET',
    `${good}channels:\n  http:\n    serve:\n      endpoints:\n        - { action: delete, method: GET, path: "/{id}" }\n`,
    'delete writes: not GET',
  ],
  [
    'an endpoint that does not say which record',
    `${good}channels:\n  http:\n    serve:\n      endpoints:\n        - { action: update, method: PUT, path: "/current" }\n`,
    'needs {id}: the action works on a record',
  ],
  [
    'a set of an unknown field',
    `${good}actions:\n  close:\n    set: { state: closed }\n`,
    'a.yaml:6: actions.close.set.state: unknown field "state"',
  ],
  [
    'an offer by a field that is not there',
    `${good}actions: { close: { offered_when: { state: open } } }\n`,
    'a.yaml:4: actions.close.offered_when.state: unknown field "state"',
  ],
  [
    'an offer in a state that never is',
    'module: thing\nschema:\n  state: { type: enum, values: [open] }\nactions: { close: { offered_when: { state: [open, shut] } } }\n',
    'a.yaml:4: actions.close.offered_when.state: must be',
  ],
  [
    'an offer by what nobody sees',
    'module: thing\nschema:\n  state: { type: int, internal: true }\nactions: { close: { offered_when: { state: { not: null } } } }\n',
    'a.yaml:4: actions.close.offered_when.state: is never shown, so nothing can be offered by it',
  ],
  [
    'an offer of what is about no record',
    `${good}actions: { create: { offered_when: { name: x } } }\n`,
    'a.yaml:4: actions.create: "create" is about no record that is there, so it takes no "offered_when"; remove it',
  ],
  [
    'a unique set of an unknown field',
    `${good}unique: [[name, colour]]\n`,
    'a.yaml:4: unique[0][1]: unknown field "colour"',
  ],
  ['a missing module name', 'schema:\n  a: { type: int }\n', 'a.yaml:1: module: is missing; add "module:"'],
  [
    'a key that stands twice',
    'module: thing\nschema:\n  a: { type: int }\n  a: { type: int }\n',
    'a.yaml:4: : is not valid YAML: Map keys must be unique',
  ],
  ['broken YAML', 'module: thing\nschema: {\n', 'is not valid YAML'],
]

for (const [what, yaml, problem] of broken) {
  test(`${what} stops the boot and is named with file, line, field and a way out`, async () => {
    const problems = await problemsOf({ 'a.yaml': yaml })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
}

test('every problem of every file is named at once', async () => {
  const problems = await problemsOf({
    'a.yaml': 'module: one\nschema:\n  a: { type: integer }\n  b: { type: int, default: x }\n',
    'b.yaml': 'module: two\nmeta: { icon: 3 }\nschema:\n  c: { type: ref, to: one, lost: 1 }\n',
  })
  expect(problems.map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual([
    'a.yaml:3: schema.a',
    'a.yaml:4: schema.b',
    'b.yaml:2: meta.icon',
    'b.yaml:4: schema.c.lost',
  ])
})

test('two modules cannot answer to one name, neither as singular nor as plural', async () => {
  const problems = await problemsOf({
    'a.yaml': 'module: cat\nschema:\n  a: { type: int }\n',
    'b.yaml': 'module: dog\nmeta: { plural: Cats }\nschema:\n  a: { type: int }\n',
  })
  expect(problems[0]).toContain('b.yaml:2: meta.plural: the name "cats" is taken by')
})

test('a folder that cannot be read is named', async () => {
  await expect(loadModules(['/nowhere/at/all'])).rejects.toThrow(
    /\/nowhere\/at\/all:1:1: cannot be read as a folder/,
  )
})

test('the seed file and subfolders are not modules', async () => {
  const modules = await loadModules([
    moduleFolder({
      'a.yaml': good,
      'seed.yaml': 'seed: {}',
      'providers/x.yaml': 'module: x',
      'note.txt': '?',
    }),
  ])
  expect([...modules.keys()]).toEqual(['thing'])
})

test('what the YAML leaves out gets its usual value', async () => {
  const modules = await loadModules([
    moduleFolder({ 'a.yaml': 'module: tax_category\nschema:\n  rate: { type: int }\n' }),
  ])
  const module = modules.get('tax_category')
  expect(module).toMatchObject({
    plural: 'tax_categories',
    idPrefix: 'tax_category',
    meta: { displayName: 'Tax Category' },
  })
  expect([...(module?.fields.keys() ?? [])]).toEqual(['id', 'rate', 'created_at', 'updated_at'])
  expect([...(module?.actions.keys() ?? [])]).toEqual(['list', 'get', 'create', 'update', 'delete'])
  expect(module?.channels.http.basePath).toBe('/api/tax_categories')
  expect(module?.channels.cli).toEqual({
    enabled: true,
    command: 'tax-categories',
    columns: ['id', 'rate', 'created_at'],
  })
  expect(module?.channels.websocket.events).toEqual(['created', 'updated', 'deleted'])
})

test('a record is known by what its module says, by what is called a name, or by what stands for its id', async () => {
  const nameOf = async (yaml: string) =>
    (await loadModules([moduleFolder({ 'a.yaml': `module: thing\n${yaml}` })])).get('thing')?.meta.nameField
  const title = 'title: { type: string }'
  expect(await nameOf(`meta: { name_field: plate }\nschema: { ${title}, plate: { type: string } }`)).toBe(
    'plate',
  )
  expect(await nameOf(`schema: { plate: { type: string, lookup: true }, ${title} }`)).toBe('title')
  expect(await nameOf('schema: { size: { type: int }, plate: { type: string, lookup: true } }')).toBe('plate')
  expect(await nameOf('schema: { name: { type: secret } }')).toBeUndefined()
})

test('everything that the architecture document shows in a module can be read', async () => {
  const yaml = `
module: sync_table
meta:
  description: "Human-readable description"
  icon: lucide-icon-name
  display_name: Sync Table
  plural: Sync Tables
  implements: [sync]
  requires:
    source: { capability: data_source, required: true, description: "Source data source to read from" }
    notifier: { capability: notification, required: false, default: notification_log }
schema:
  name:   { type: string, required: true, unique: true, lookup: true, immutable: true, internal: false, default: a, description: "Text" }
  kind:   { type: enum, values: [one, two], default: one }
  other:  { type: ref, to: sync_table, default: "free" }
  key:    { type: secret, internal: true }
  config: { type: json }
  at:     { type: timestamp, default: now() }
  mail:   { type: email, unique: true, lookup: true }
  blob:   { type: bytes, default: null }
  synced: { type: bool, default: false }
  count:  { type: int, default: 0, label: How many }
actions:
  test_connection:
    label: Try it
    description: Verify credentials
    internal: false
    confirm: true
    auth: self_or_admin
    input:
      - { name: payload, type: json, required: true }
    output:
      - { name: valid, type: bool }
    set: { synced: true, at: now() }
channels:
  http:
    serve:
      enabled: true
      base_path: /api/resource
      endpoints:
        - { action: list, method: GET, path: "/" }
    consume:
      stripe:
        base: https://api.stripe.com/v1
        auth: { type: bearer, bearer: "\${secret_key}" }
        methods:
          create_customer: { method: POST, path: /customers, map: { email: email }, response: { set: { customer_id: id } } }
  cli:
    serve:
      enabled: true
      command: resource
      commands:
        - action: list
          columns: [id, name, kind]
  websocket:
    serve: { enabled: true, path: /ws/resource, events: [created, updated, deleted] }
hooks:
  before_create:
    - call: validate_data
  after_create:
    - emit: resource.created
    - call: sync_external
    - set: { synced: true }
  after_test_connection:
    - emit: sync_table.tested
`
  const module = (await loadModules([moduleFolder({ 'sync_table.yaml': yaml })])).get('sync_table')
  expect(module?.meta.requires['notifier']).toEqual({
    capability: 'notification',
    required: false,
    default: 'notification_log',
  })
  expect(module?.actions.get('test_connection')).toMatchObject({
    kind: 'custom',
    label: 'Try it',
    confirm: true,
    auth: ['self_or_admin'],
  })
  expect(module?.fields.get('count')?.label).toBe('How many')
  expect([...(module?.channels.http.actions ?? [])]).toEqual(['list'])
  expect(module?.channels.http.consume['stripe']?.methods['create_customer']?.path).toBe('/customers')
  expect(module?.hooks.get('after_create')?.map((step) => step.kind)).toEqual(['emit', 'call', 'set'])
})

test("the product's own modules load", async () => {
  const modules = await loadModules(['modules'])
  expect(modules.get('membership')?.unique).toEqual([['organization_id', 'user_id']])
  expect(modules.get('api_key')?.fields.get('prefix')).toMatchObject({
    isInternalWrite: true,
    isLookup: true,
  })
})
