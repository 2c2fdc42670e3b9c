import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/outcome.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { moduleFolder } from '#test/support/module-folder.ts'
import { SchemaFault } from '../schema/problem.ts'
import { customBehaviour } from './custom-behaviour.ts'
import { loadCode } from './load-code.ts'

async function problemsOf(files: Readonly<Record<string, string>>) {
  const error = await loadCode([moduleFolder(files)], ['plan_check'], events).catch(
    (caught: unknown) => caught,
  )
  if (!(error instanceof SchemaFault)) throw new Error(`loaded, or failed otherwise: ${String(error)}`)
  return error.message.replaceAll(/\S*\//g, '')
}

const events = new Set(['*', 'ticket.*', 'ticket.created', 'ticket.answered'])
const beside = (code: string, name = 'ticket.mts') => ({ 'ticket.yaml': '', [name]: code })

const broken: [what: string, code: string, message: string][] = [
  [
    'an export that means nothing',
    'export const behaviors = {}',
    'ticket.mts:1:1: behaviors: unknown export "behaviors" (did you mean "behaviours"?)',
  ],
  [
    'something that is no function',
    'export const behaviours = { check: 5 }',
    'ticket.mts:1:1: behaviours.check: must be a function',
  ],
  [
    'a name that YAML cannot have',
    'export const behaviours = { checkIt: () => {} }',
    'ticket.mts:1:1: behaviours.checkIt: the name must be lower-case letters, digits and _, beginning with a letter',
  ],
  [
    'a name of the product',
    'export const behaviours = { plan_check: () => {} }',
    'ticket.mts:1:1: behaviours.plan_check: the name is taken by the product; choose another',
  ],
  [
    'a list',
    'export const behaviours = null',
    'ticket.mts:1:1: behaviours: must be an object of functions by name',
  ],
  [
    'a reaction to nothing',
    'export const reactions = { page: { run() {} } }',
    'ticket.mts:1:1: reactions.page: must be { on: [event types], run(context) { ... } }',
  ],
  [
    'a reaction to an event that nobody tells',
    "export const reactions = { page: { on: ['ticket.*', 'ticket.anwsered'], run() {} } }",
    'ticket.mts:1:1: reactions.page: unknown event "ticket.anwsered" (did you mean "ticket.answered"?)',
  ],
  [
    'a reaction to an event of a module that is not there',
    "export const reactions = { page: { on: ['nothing'], run() {} } }",
    'ticket.mts:1:1: reactions.page: unknown event "nothing" (known: <module>.<event>)',
  ],
  [
    'code that throws',
    'const one = 1\nthrow new Error("no key")',
    'ticket.mts:2:7: cannot be loaded: no key; mend the code',
  ],
]
for (const [what, code, message] of broken) {
  test(`${what} stops the boot with the file and a way out`, async () => {
    expect(await problemsOf(beside(code))).toBe(message)
  })
}

test('code is loaded from the files that have the name of a module, TypeScript among them; others are theirs to import', async () => {
  const code = await loadCode(
    [
      moduleFolder({
        ...beside(
          "import { word } from './words.mts'\nexport const computed = { ticket_word: () => word }\n" +
            'export const behaviours = { ticket_check: (context: { id: string }): void => undefined }\n',
          'ticket.mts',
        ),
        'words.mts': "export const word = 'hello'\n",
      }),
    ],
    [],
    events,
  )
  expect(code.computations['ticket_word']?.({})).toBe('hello')
  expect(Object.keys(code.behaviours)).toEqual(['ticket_check'])
})

test('two files that give one name stop the boot', async () => {
  const code = 'export const behaviours = { check: () => {} }'
  const files = { 'a.yaml': '', 'a.mts': code, 'b.yaml': '', 'b.mts': code }
  expect(await problemsOf(files)).toMatch(
    /^b.mts:1:1: behaviours.check: the name is taken by a.mts; choose another$/,
  )
})

describe("a behaviour of the user's own", () => {
  const context = {
    invoke: async () => ({ ok: true }),
    everywhere: { invoke: async () => ({ ok: true }) },
  } as unknown as BehaviourContext
  type Given = BehaviourContext & { refuse: (code: string, message: string) => unknown }

  test('goes on with nothing and stops with a refusal', async () => {
    expect(await customBehaviour('check', () => undefined)(context)).toBeUndefined()
    const refusing = customBehaviour('check', (given) => (given as Given).refuse('conflict', 'no'))
    expect(await refusing(context)).toEqual({ ok: false, code: 'conflict', message: 'no' })
  })

  for (const answer of [true, { ok: false }, { ok: false, code: 'nonsense', message: 'x' }, 'no']) {
    test(`that answers ${JSON.stringify(answer)} is a failure that names it`, async () => {
      await expect(customBehaviour('check', () => answer)(context)).rejects.toThrow(
        /"check" answered something/,
      )
    })
  }

  test('that does not end is ended, and writes nothing afterwards', async () => {
    let later: (() => Promise<unknown>) | undefined
    const endless = customBehaviour(
      'check',
      (given) => {
        later = () => (given as Given).invoke({ module: 'plan', action: 'create' })
        return new Promise(() => {})
      },
      5,
    )
    await expect(endless(context)).rejects.toThrow(Fault)
    await expect(later?.()).rejects.toThrow(/"check" goes on after its end/)
  })
})
