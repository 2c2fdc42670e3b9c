import { describe, expect, it, onTestFinished } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import type { DomainEvent } from '#contract/events.ts'
import { testEngine } from '#test/support/test-engine.ts'
import { createDispatcher, type OutboxConsumer } from './dispatch.ts'
import { pruneEvents } from './prune-events.ts'

const files = { 'thing.yaml': 'module: thing\nschema: { count: { type: int } }\n' }
const dayMs = 86_400_000

async function open() {
  const house = await testEngine(files)
  const lines: string[] = []
  const note = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug: note, info: note, warn: note, error: note }
  const parts = { db: house.db, dialect: house.dialect, clock: house.clock, log }
  const dispatcherOf = (...consumers: OutboxConsumer[]) => {
    const dispatcher = createDispatcher({ ...parts, consumers, intervalMs: 1 })
    onTestFinished(dispatcher.stop)
    return dispatcher
  }
  const write = async (count: number) => {
    const call = { actor: systemActor, requestId: 'req', module: 'thing', action: 'create', input: { count } }
    expect((await house.engine.invoke(call)).ok).toBe(true)
  }
  return { ...house, parts, lines, dispatcherOf, write }
}

/** A consumer that remembers what it was given; `fail` may throw. */
function remembering(name: string, fail: (events: readonly DomainEvent[]) => void = () => {}, more = {}) {
  const given: number[] = []
  const consumer: OutboxConsumer = {
    name,
    from: 'beginning',
    ...more,
    async handle(events) {
      fail(events)
      given.push(...events.map(({ data }) => Number(data['count'])))
    },
  }
  return { consumer, given }
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a consumer of events', () => {
  it('is given every event once and in order, also by two dispatchers at once', async () => {
    const { dispatcherOf, write } = await open()
    const { consumer, given } = remembering('one')
    for (const count of range(450)) await write(count)
    await Promise.all([dispatcherOf(consumer).drain(), dispatcherOf(consumer).drain()])
    expect(given).toEqual(range(450))
    await write(450)
    await dispatcherOf(consumer).drain()
    expect(given).toEqual(range(451))
  })

  it('that is new hears of everything from the moment it has joined, before it had a turn', async () => {
    const { dispatcherOf, write } = await open()
    const { consumer, given } = remembering('new', undefined, { from: 'now' })
    await write(0)
    const dispatcher = dispatcherOf(consumer)
    await dispatcher.join()
    await write(1)
    await dispatcherOf(consumer).join()
    await dispatcher.drain()
    expect(given).toEqual([1])
  })

  it('hears in the background as soon as it is woken', async () => {
    const { dispatcherOf, write, engine } = await open()
    const heard = Promise.withResolvers<void>()
    const { consumer, given } = remembering('one', (events) => {
      if (events.some(({ data }) => data['count'] === 2)) heard.resolve()
    })
    const dispatcher = dispatcherOf(consumer)
    engine.onCommit(dispatcher.wake)
    dispatcher.start()
    for (const count of range(3)) await write(count)
    await heard.promise
    await dispatcher.stop()
    expect(given).toEqual([0, 1, 2])
  })

  it('that fails keeps its place and holds up nobody else', async () => {
    const { dispatcherOf, write } = await open()
    let isBroken = true
    const broken = remembering('broken', (events) => {
      if (isBroken && events.some(({ data }) => data['count'] === 1)) throw new Error('not now')
    })
    const other = remembering('other')
    for (const count of range(3)) await write(count)
    await expect(dispatcherOf(broken.consumer).drain()).rejects.toThrow('not now')
    const dispatcher = dispatcherOf(other.consumer)
    await dispatcher.drain()
    expect(other.given).toEqual([0, 1, 2])
    expect((await dispatcher.states()).map(({ name, behind }) => [name, behind])).toEqual([['other', 0]])
    isBroken = false
    await dispatcherOf(broken.consumer).drain()
    expect(broken.given).toEqual([0, 1, 2])
  })

  it('whose transaction is undone has not moved, and what it wrote is gone with it', async () => {
    const { dispatcherOf, write, db } = await open()
    await write(0)
    const marks = async () =>
      (await db.selectFrom('apigate_meta').select('key').where('key', '=', 'seen').execute()).length
    const consumer: OutboxConsumer = {
      name: 'half',
      from: 'beginning',
      async handle(_events, { db: transaction }) {
        await transaction.insertInto('apigate_meta').values({ key: 'seen', value: 'yes' }).execute()
        throw new Error('after the write')
      },
    }
    await expect(dispatcherOf(consumer).drain()).rejects.toThrow('after the write')
    expect(await marks()).toBe(0)
  })

  it('that is new hears from now on, unless it asks for the beginning', async () => {
    const { dispatcherOf, write } = await open()
    await write(0)
    const late = remembering('late', undefined, { from: 'now' })
    await dispatcherOf(late.consumer).drain()
    await write(1)
    await dispatcherOf(late.consumer).drain()
    expect(late.given).toEqual([1])
  })
})

describe('old events', () => {
  const counts = async ({ engine }: Awaited<ReturnType<typeof open>>) =>
    (await engine.eventsSince(0, 1_000)).map(({ data }) => data['count'])

  it('are deleted when every consumer has passed them and they are older than the time to keep', async () => {
    const house = await open()
    const { consumer } = remembering('one')
    for (const count of range(3)) await house.write(count)
    house.time.now += 2 * dayMs
    for (const count of [3, 4]) await house.write(count)
    await house.dispatcherOf(consumer).drain()
    expect(await pruneEvents(house.parts, dayMs)).toBe(3)
    expect(await counts(house)).toEqual([3, 4])
    expect(await pruneEvents(house.parts, dayMs)).toBe(0)
  })

  it('stay for the one consumer that has not passed them, which is named', async () => {
    const house = await open()
    const slow = remembering('slow', undefined, { from: 'now' })
    await house.write(0)
    await house.dispatcherOf(slow.consumer).drain()
    for (const count of [1, 2, 3]) await house.write(count)
    house.time.now += 2 * dayMs
    expect(await pruneEvents(house.parts, dayMs)).toBe(1)
    expect(await counts(house)).toEqual([1, 2, 3])
    expect(house.lines.join()).toMatch(/holds old ones back.*"slow"/)
  })

  it('are deleted but for the last one, so that numbers go on where they were', async () => {
    const house = await open()
    for (const count of range(2_500)) await house.write(count)
    house.time.now += 2 * dayMs
    expect(await pruneEvents(house.parts, dayMs)).toBe(2_499)
    const last = await house.engine.lastSeq()
    await house.write(2_500)
    expect(await house.engine.lastSeq()).toBe(last + 1)
  })
})
