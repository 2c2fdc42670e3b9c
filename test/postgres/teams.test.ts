import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { type AccountHouse, password, startAccounts } from '../accounts/account-house.ts'

let schema: Awaited<ReturnType<typeof emptySchema>>
let nodes: [AccountHouse, AccountHouse]

beforeAll(async () => {
  schema = await emptySchema()
  const env = {
    APIGATE_DATABASE_DSN: schema.url,
    APIGATE_ENCRYPTION_KEY: 'an encryption key that all nodes share',
    APIGATE_JWT_SECRET: 'a jwt secret that all nodes share',
    APIGATE_KEY_PEPPER: 'a key pepper that all nodes share',
  }
  const first = await startAccounts({ env })
  nodes = [first, await startAccounts({ env, token: first.token })]
})
afterAll(async () => {
  for (const node of nodes) await node.close()
  await schema.remove()
})

interface Person {
  readonly id: string
  readonly home: string
  readonly headers: Record<string, string>
}
async function person(email: string): Promise<Person> {
  const { user, organization, token } = (await nodes[0].register(email)).body.data
  return { id: user.id, home: organization.id, headers: nodes[0].bearer(token) }
}
const owners = async (organizationId: string): Promise<number> => {
  const where = [
    { field: 'organization_id', op: 'eq', value: organizationId },
    { field: 'role', op: 'eq', value: 'owner' },
  ] as const
  return (await nodes[1].records.list('membership', { where, limit: 1, count: true })).total ?? 0
}

test('two owners who step down, leave or hand over on two nodes at the same moment never leave an organization without one', async () => {
  const step = (node: AccountHouse, who: Person) => () =>
    node.ask('PUT', `/api/v1/team/members/${who.id}/role`, { role: 'member' }, who.headers)
  const leave = (node: AccountHouse, who: Person) => () =>
    node.ask('DELETE', `/api/v1/team/members/${who.id}`, undefined, who.headers)
  for (let round = 0; round < 6; round += 1) {
    const [ada, bob] = [await person(`ada${round}@example.com`), await person(`bob${round}@example.com`)]
    await nodes[0].create('memberships', { organization_id: ada.home, user_id: bob.id, role: 'owner' })
    await nodes[0].ask('POST', `/api/v1/organizations/${ada.home}/switch`, {}, bob.headers)
    const [one, other] = [
      [step(nodes[0], ada), leave(nodes[0], ada)][round % 2],
      [leave(nodes[1], bob), step(nodes[1], bob), leave(nodes[1], bob)][round % 3],
    ]
    const answers = await Promise.all([one?.(), other?.()])
    expect(answers.map((answer) => answer?.status).sort()).toEqual([200, 409])
    expect(await owners(ada.home)).toBe(1)
  }
})

test('an invitation that is accepted on two nodes at the same moment makes one account and one member', async () => {
  const ada = await person('host@example.com')
  for (let round = 0; round < 3; round += 1) {
    const email = `guest${round}@example.com`
    const invites = await Promise.all(
      nodes.map((node) => node.ask('POST', '/api/v1/team/invite', { email }, ada.headers)),
    )
    expect(invites.map(({ status }) => status).sort()).toEqual([201, 409])
    await Promise.all(nodes.map((node) => node.running.settle()))
    const token = await nodes[0].mailedToken(email)
    const body = { token, password }
    const answers = await Promise.all(
      [...nodes, ...nodes].map((node) =>
        node.ask('POST', '/api/v1/team/accept-invitation', body, node.fresh()),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401])
    await Promise.all(nodes.map((node) => node.running.settle()))
    const mails = (await nodes[0].mails(email)).filter(({ text }) => text.includes('token='))
    expect(mails).toHaveLength(1)
  }
  const { body } = await nodes[0].ask('GET', '/api/v1/team/members', undefined, ada.headers)
  expect(body.data.members).toHaveLength(4)
})
