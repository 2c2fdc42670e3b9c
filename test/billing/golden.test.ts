import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Played, playScenarios } from './golden/play.ts'
import { readScenarios } from './golden/scenario.ts'

const files = readdirSync(new URL('./golden/', import.meta.url))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => [name, chosen(readScenarios(name))] as const)

/** On PostgreSQL every second story: what differs is how rows are kept, which all of them do alike. */
function chosen(file: ReturnType<typeof readScenarios>): ReturnType<typeof readScenarios> {
  if (process.env['APIGATE_TEST_DATABASE'] !== 'postgres') return file
  return { ...file, scenarios: file.scenarios.filter((_, index) => index % 2 === 0) }
}

let played: Played
beforeAll(async () => {
  played = await playScenarios(files.map(([, file]) => file))
}, 600_000)

describe.each(files)('%s', (_name, { scenarios }) => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    (name, { invoices, credit = [], payments, notes, mails, ledger }) => {
      const told = Object.entries({ payments, notes, mails, ledger }).filter(
        ([, lines]) => lines !== undefined,
      )
      const outcome = played.of(name)
      expect(outcome).toEqual({ ...outcome, invoices, credit, unverified: [], ...Object.fromEntries(told) })
    },
  )
})

test('all of them together leave a ledger that balances and numbers without a gap', () => {
  expect(played.ledger).toMatchObject({ ok: true, drifted: [], unbalanced: [] })
  expect(played.sequences).toEqual(played.sequences.map((_, index) => index + 1))
})
