import { expect, onTestFinished, test } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { systemActor } from '#contract/actor.ts'
import { refuse } from '#contract/outcome.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import { moduleFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'

const files = {
  'seat.yaml': `
module: seat
schema:
  row:  { type: string, required: true }
  note: { type: string }
hooks:
  before_create: [{ call: at_most_three }]
`,
}
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const clock = { now: () => Date.UTC(2026, 10, 20) }

/** Reads, takes its time, and decides: right only when nobody writes between its reading and its commit. */
const atMostThree: Behaviour = async ({ records, input }) => {
  const where = [{ field: 'row', op: 'eq', value: input['row'] }] as const
  // The fixture's module is not one of the product's, whose names the types know.
  const { items } = await (
    records as unknown as { list: (m: string, q: object) => Promise<{ items: [] }> }
  ).list('seat', { where })
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return items.length < 3 ? undefined : refuse('conflict', 'The row is full')
}

/** An engine with connections of its own, as another process has them. */
async function startNode(url: string) {
  const modules = await loadModules([moduleFolder(files)])
  const { db, dialect, close, alone } = await openDatabase(url)
  onTestFinished(close)
  await alone(() => syncSchema(db, dialect, modules))
  return createEngine({
    db,
    dialect,
    modules,
    behaviours: { at_most_three: atMostThree },
    authorize: () => true,
    clock,
    ids: createIds(clock),
    cipher: createCipher(Buffer.alloc(32, 7)),
    log: quiet,
  })
}

async function startNodes(count: number) {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  return Promise.all(Array.from({ length: count }, () => startNode(url)))
}

const create = (engine: Awaited<ReturnType<typeof startNode>>, row: string) =>
  engine.invoke({ actor: systemActor, requestId: 'r', module: 'seat', action: 'create', input: { row } })

test('a decision is not outrun by one that another process makes at the same time', async () => {
  const nodes = await startNodes(3)
  for (const row of ['a', 'b', 'c', 'd']) {
    const outcomes = await Promise.all(nodes.flatMap((node) => [1, 2, 3, 4].map(() => create(node, row))))
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(3)
  }
})

test('a follower misses no event, however many processes commit at once: numbers become visible in their order', async () => {
  const nodes = await startNodes(3)
  const [first] = nodes
  if (first === undefined) throw new Error('no node')
  const seen: number[] = []
  let isWriting = true
  const follow = async (): Promise<void> => {
    for (;;) {
      const isLast = !isWriting
      const events = await first.eventsSince(seen.at(-1) ?? 0, 1000)
      seen.push(...events.map(({ seq }) => seq))
      if (isLast && events.length === 0) return
    }
  }
  const followed = follow()
  await Promise.all(
    nodes.map(async (node, index) => {
      for (let row = 0; row < 40; row += 1) expect((await create(node, `${index}-${row}`)).ok).toBe(true)
    }),
  )
  isWriting = false
  await followed
  expect(seen).toHaveLength(120)
  expect(seen).toEqual((await first.eventsSince(0, 1000)).map(({ seq }) => seq))
})

test('writers that wait leave the connections to readers', async () => {
  const [busy, other] = await startNodes(2)
  if (busy === undefined || other === undefined) throw new Error('no node')
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const holding = busy.invoke({
    actor: systemActor,
    requestId: 'r',
    module: 'seat',
    action: 'create',
    input: { row: 'held' },
    beforeCommit: () => held,
  })
  const waiting = Array.from({ length: 50 }, (_, index) => create(other, `waits-${index}`))
  expect((await other.list({ actor: systemActor, module: 'seat', query: {} })).ok).toBe(true)
  release()
  expect((await holding).ok).toBe(true)
  expect((await Promise.all(waiting)).every(({ ok }) => ok)).toBe(true)
})

test('nodes that start on an empty database at once make its tables once', async () => {
  const nodes = await startNodes(5)
  const outcomes = await Promise.all(nodes.map((node, index) => create(node, `${index}`)))
  expect(outcomes.every(({ ok }) => ok)).toBe(true)
})
