import { expect, test } from 'vitest'
import type { Log } from '#ports/log.ts'
import { createProviderInstances } from './instances.ts'
import type { ResolvedProvider } from './resolve.ts'

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }

const resolved = (key: string): ResolvedProvider =>
  ({
    provider: { name: 'email_acme' },
    instance: 'acme',
    shortName: 'acme',
    allowsPrivate: false,
    configuration: { isEnabled: true, values: { key }, problems: [] },
  }) as unknown as ResolvedProvider

/** Instances that note in their order what is opened and closed. */
function noted(fails: () => boolean = () => false) {
  const notes: string[] = []
  const instances = createProviderInstances({
    log: quiet,
    open: ({ configuration }) => {
      const key = String(configuration.values['key'])
      notes.push(`open ${key}`)
      if (fails()) throw new Error('cannot')
      return { actions: {}, close: () => void notes.push(`close ${key}`) }
    },
  })
  return { notes, instances }
}

test('one configuration is opened once, however many call at the same time', async () => {
  const { notes, instances } = noted()
  await Promise.all([1, 2, 3].map(() => instances.use(resolved('a'), async () => undefined)))
  expect(notes).toEqual(['open a'])
})

test('a provider whose configuration has changed is closed after its last running call, not under it', async () => {
  const { notes, instances } = noted()
  const gate = Promise.withResolvers<void>()
  const inside = Promise.withResolvers<void>()
  const running = instances.use(resolved('a'), async () => {
    inside.resolve()
    await gate.promise
    notes.push('call of a ends')
  })
  await inside.promise
  await instances.use(resolved('b'), async () => undefined)
  expect(notes).toEqual(['open a', 'open b'])
  gate.resolve()
  await running
  await instances.close()
  expect(notes).toEqual(['open a', 'open b', 'call of a ends', 'close a', 'close b'])
})

test('closing waits for the calls that run and closes each provider once', async () => {
  const { notes, instances } = noted()
  const gate = Promise.withResolvers<void>()
  const inside = Promise.withResolvers<void>()
  const running = instances.use(resolved('a'), () => {
    inside.resolve()
    return gate.promise
  })
  await inside.promise
  const closed = instances.close().then(() => notes.push('all closed'))
  gate.resolve()
  await Promise.all([running.then(() => notes.push('call ends')), closed])
  await instances.close()
  expect(notes).toEqual(['open a', 'call ends', 'close a', 'all closed'])
})

test('a provider that could not be opened is tried again at the next call', async () => {
  let isDown = true
  const { notes, instances } = noted(() => isDown)
  await expect(instances.use(resolved('a'), async () => 1)).rejects.toThrow('cannot')
  isDown = false
  expect(await instances.use(resolved('a'), async () => 1)).toBe(1)
  expect(notes).toEqual(['open a', 'open a'])
})
