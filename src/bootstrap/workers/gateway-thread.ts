import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createIds } from '#adapters/crypto/ids.ts'
import { createKeyHash } from '#adapters/crypto/key-hash.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { openLimitTable } from '#gateway/limits/limit-table.ts'
import type { GatewayServer } from '#gateway/server.ts'
import { openCertificates } from '../open-certificates.ts'
import { listen, openDoor } from '../open-door.ts'
import { openGateway } from '../open-gateway.ts'
import { createRouteCompilers } from '../route-compilers.ts'
import type { ThreadData, ToThread } from './messages.ts'
import { createRelay } from './relay.ts'
import { createRemoteRecords } from './remote-records.ts'
import { createThreadLink, type ThreadLink } from './thread-link.ts'

/** The data plane on a thread of its own: loads its snapshot through the main thread, listens when it is told to, and ends when it is told to. */
async function runThread(port: MessagePort, data: ThreadData): Promise<void> {
  const { config } = data
  const clock = { now: Date.now }
  const ids = createIds(clock)
  const metrics = createPrometheusMetrics()
  const link: ThreadLink = createThreadLink(port, config.logLevel, receive)
  const parts = { clock, ids, metrics, log: link.log }
  const loading = openGateway({
    ...parts,
    tokenDigest: createTokenDigest(data.keyPepper),
    keyHash: createKeyHash(),
    proven: (proof) => link.send({ kind: 'proven', proof }),
    records: createRemoteRecords(link.read),
    ...createRouteCompilers(),
    limits: openLimitTable(data.limits, data.number),
    cacheBytes: Math.floor(config.cacheBytes / config.workers),
    trustedProxies: config.trustedProxies,
    sharing: { workers: data.workers, checks: false, onHealth: () => void tellDown() },
    journal: { directory: data.journalDirectory, name: data.journalName },
  })
  const activity = new Int32Array(data.activity)
  let door: GatewayServer | undefined

  function receive(message: ToThread): void {
    // Changes that come while the snapshot is loaded wait for it, in their order.
    if (message.kind === 'changed')
      void loading.then(({ follow }) =>
        follow(message.events).then(() => link.send({ kind: 'done', id: message.id })),
      )
    else if (message.kind === 'listen') void begin(message.port)
    else if (message.kind === 'ping') link.send({ kind: 'done', id: message.id })
    else if (message.kind === 'report') void report(message.id)
    else if (message.kind === 'check') void loading.then(({ health }) => health.setChecking(true))
    else if (message.kind === 'believe') void loading.then(({ health }) => health.believe(message.down))
    else if (message.kind === 'close') void end(message.deadlineMs)
  }

  async function begin(wanted: number): Promise<void> {
    const gateway = await loading
    // What was committed before this thread was told to listen is in its snapshot before it answers.
    await gateway.follow([])
    const control = data.relay === undefined ? undefined : createRelay(data.relay, () => ids.next('req'))
    door = openDoor(gateway, control, {
      ...parts,
      certificates: openCertificates(config, link.log),
      onActive: (active) => {
        activity[data.number] = active
      },
    })
    try {
      const listening = await listen(door.server, { port: wanted, host: config.host, reusePort: true })
      link.send({ kind: 'listening', port: listening })
    } catch (error) {
      link.send({ kind: 'unable', message: error instanceof Error ? error.message : String(error) })
    }
  }

  async function tellDown(): Promise<void> {
    const { health } = await loading
    link.send({ kind: 'down', down: health.down() })
  }

  async function report(id: number): Promise<void> {
    const { journal, upstreams } = await loading
    const collected = await metrics.collect()
    const isWritable = journal.isWritable()
    link.send({ kind: 'done', id, report: { metrics: collected, upstreams: upstreams(), isWritable } })
  }

  async function end(deadlineMs: number): Promise<void> {
    const gateway = await loading
    await door?.drain(deadlineMs)
    gateway.close()
    // Ends this thread alone; what it owed is written and answered.
    process.exit(0)
  }

  const gateway = await loading
  // A thread that ends by an error of ours still writes what it owes: events that wait for the end of this turn.
  process.on('exit', () => gateway.journal.close())
  link.send({ kind: 'loaded' })
}

if (!isMainThread && parentPort !== null && (workerData as Partial<ThreadData> | null)?.role === 'gateway')
  await runThread(parentPort, workerData as ThreadData)
