import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { startHouse } from '#test/support/start-house.ts'

const child = new URL('./registering-child.ts', import.meta.url).pathname

function register(
  dataDirectory: string,
  env: Readonly<Record<string, string>>,
  email: string,
  diesAt: number,
) {
  return new Promise<string>((done) => {
    const options = { env: { ...process.env, ...env } }
    execFile(process.execPath, [child, dataDirectory, email, String(diesAt)], options, (_, stdout) =>
      done(stdout.trim()),
    )
  })
}

test('an account whose process is killed while it is opened is there in full or not at all, and can be opened again', async () => {
  const first = await startHouse()
  const { dataDirectory, databaseEnv, token } = first
  await first.running.close()
  const whole = await register(dataDirectory, databaseEnv, 'whole@example.com', 0)
  const [status, looks] = whole.split(' ').map(Number)
  expect([status, (looks ?? 0) > 8]).toEqual([201, true])
  const steps = [
    ...new Set(Array.from({ length: 10 }, (_, step) => 1 + Math.floor(((looks ?? 0) * step) / 10))),
  ]
  const answered = new Set<number>()
  for (const step of steps)
    if ((await register(dataDirectory, databaseEnv, `step${step}@example.com`, step)) !== '')
      answered.add(step)
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
    const body = { email, password: 'a long enough password', organization_name: email }
    const again = await house.api('POST', '/api/v1/auth/register', body)
    expect(again.status).toBe(user === undefined ? 201 : 409)
  }
  expect(opened).toBeLessThan(steps.length)
  await house.running.close()
  await first.close().catch(() => undefined)
}, 120_000)
