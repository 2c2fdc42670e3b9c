import { expect, test } from 'vitest'
import { startHouse } from '#test/support/start-house.ts'
import { runFlow, someOf } from './run-flow.ts'

const registering = (email: string) => ({
  path: '/api/v1/auth/register',
  body: { email, password: 'a long enough password', organization_name: email },
})

test('an account whose process is killed while it is opened is there in full or not at all, and can be opened again', async () => {
  const first = await startHouse()
  const { dataDirectory, token } = first
  await first.running.close()
  const whole = await runFlow(first, registering('whole@example.com'))
  expect(whole?.status).toBe(201)
  const looks = whole?.looks ?? 0
  expect(looks).toBeGreaterThan(8)
  const steps = someOf(looks, 6)
  const answered = new Set<number>()
  for (const step of steps)
    if ((await runFlow(first, registering(`step${step}@example.com`), step)) !== undefined) answered.add(step)
  // Other clocks of the process tick too, so that the last steps may come after the answer.
  expect(answered.size).toBeLessThan(steps.length / 2)

  const house = await startHouse({ overrides: { dataDirectory }, token })
  const { records } = house.running.house.engine
  let opened = 0
  for (const step of steps) {
    const email = `step${step}@example.com`
    const user = await records.getBy('user', 'email', email)
    const organizations = await records.list('organization', {
      where: [{ field: 'email', op: 'eq', value: email }],
    })
    const where = [
      { field: 'user_id', op: 'eq', value: user?.id ?? 'usr_00000000000000000000000000' },
    ] as const
    const ofOrganization = [
      {
        field: 'organization_id',
        op: 'eq',
        value: user?.organization_id ?? 'org_00000000000000000000000000',
      },
    ] as const
    const parts = [
      organizations.items.length,
      (await records.list('membership', { where })).items.length,
      (await records.list('subscription', { where: ofOrganization })).items.length,
      (await records.list('user_session', { where })).items.length,
      (await records.list('auth_token', { where })).items.length,
    ]
    expect([email, ...parts]).toEqual([email, ...parts.map(() => (user === undefined ? 0 : 1))])
    opened += user === undefined ? 0 : 1
    if (answered.has(step)) expect(user).toBeDefined()
    const { path, body } = registering(email)
    const again = await house.api('POST', path, body)
    expect(again.status).toBe(user === undefined ? 201 : 409)
  }
  expect(opened).toBeLessThan(steps.length)
  await house.running.close()
  await first.close().catch(() => undefined)
}, 300_000)
