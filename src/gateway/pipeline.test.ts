import { expect, it } from 'vitest'
import type { Metrics } from '#ports/metrics.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import { smallTable, startMs } from '#test/support/limit-bench.ts'
import { plannedRoute } from '#test/support/planned-route.ts'
import { createAdmitter } from './admit.ts'
import { createCurrentMonth } from './current-month.ts'
import type { Inbound } from './inbound.ts'
import { createPipeline } from './pipeline.ts'
import { readRequestHead } from './read-request-head.ts'
import { createSettler } from './settle.ts'
import { createSnapshotHolder } from './snapshot.ts'

const limit = { name: 'one', algorithm: 'concurrency', limit: 1, windowMs: 60_000, by: ['route'] } as const
const route = {
  id: 'rte_1',
  isServed: true,
  isPublic: true,
  isWebSocket: false,
  cors: null,
  ipRules: null,
  plans: plannedRoute({}),
  limits: [{ ...limit, isShadow: false }],
} as unknown as RouteEntry
const snapshot = {
  routes: { targets: [route], match: () => ({ target: route, captures: {} }) },
  settings: { maxBodyBytes: 1_000, allowsQueryKey: true },
} as unknown as Snapshot

/** A pipeline whose forwarding fails, and the status of its last refusal. */
function failing() {
  const clock = { now: () => startMs }
  const metrics = { rateLimited() {} } as unknown as Metrics
  const snapshots = createSnapshotHolder(snapshot)
  const journal = { append() {}, isWritable: () => true, flush() {}, close() {} }
  const answers: number[] = []
  const head = readRequestHead({ text: 'Host: a\r\n', spans: [0, 4, 7], spanCount: 3 }, '1.1')
  const inbound = {
    method: 'GET',
    target: '/',
    head,
    remoteAddress: '192.0.2.1',
    sendHead: ({ status }: { status: number }) => answers.push(status),
    end() {},
  } as unknown as Inbound
  const handle = createPipeline({
    clock,
    metrics,
    snapshots,
    proofs: { prove: () => undefined },
    journal,
    ids: { next: () => 'req_1', randomHex: () => '' },
    clientAddress: () => '192.0.2.1',
    isSecure: () => false,
    webSockets: { isDraining: false, upgrade: () => expect.fail('no WebSocket was asked for') },
    settler: createSettler({ journal, metrics, clock }),
    admitter: createAdmitter({
      snapshots,
      metrics,
      proofs: { hashOf: () => undefined },
      table: smallTable(),
      tokenDigest: { digest: () => '' },
      currentMonth: createCurrentMonth(),
    }),
    forwarder: {
      forward() {
        throw new Error('broken')
      },
    },
  })
  return { handle: () => handle(inbound), answers }
}

it('a request that fails after it was admitted leaves nothing held', () => {
  const { handle, answers } = failing()
  for (let count = 0; count < 3; count++) expect(handle).toThrow('broken')
  expect(answers).toEqual([])
})
