import { expect, test } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { password, startAccounts } from './account-house.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

test('an invitation whose process ended before the mail was queued is mailed by the next one, once, and its link is good', async () => {
  const dataDirectory = temporaryFolder()
  const first = await startAccounts({ overrides: { dataDirectory } })
  const { organization } = (await first.register('owner@example.com')).body.data
  await first.running.close()

  // Commits as the server does, and has nothing that would send a mail.
  const config = readConfig(first.databaseEnv, { dataDirectory })
  if (!config.ok) throw new Error(config.message)
  const house = await openHouse(config.value, { log: quiet, clock: first.clock })
  const made = await house.engine.invoke({
    actor: systemActor,
    requestId: 'req_1',
    module: 'invitation',
    action: 'create',
    input: { organization_id: organization.id, email: 'late@example.com' },
  })
  expect(made.ok).toBe(true)
  await house.close()

  const second = await startAccounts({
    overrides: { dataDirectory },
    clock: first.clock,
    token: first.token,
  })
  expect(await second.mails('late@example.com')).toEqual([])
  for (let time = 0; time < 3; time += 1) {
    first.clock.advance(5 * 60_000)
    expect(await second.mails('late@example.com')).toHaveLength(1)
  }
  const token = await second.mailedToken('late@example.com')
  const came = await second.ask('POST', '/api/v1/team/accept-invitation', { token, password })
  expect([came.status, came.body.data?.organization.id]).toEqual([201, organization.id])
  await second.running.close()
})
