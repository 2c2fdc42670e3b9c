import { setTimeout as pause } from 'node:timers/promises'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import { readConfig } from '#bootstrap/config.ts'
import { serve } from '#bootstrap/serve.ts'
import { systemActor } from '#contract/actor.ts'

/**
 * Serves, adds an endpoint (one whose process was killed rests until the lease of its job is over), and makes and revokes keys without end; a line of standard output for each that was answered. Kills itself at a step:
 * an event is `committed`; its delivery is `recorded`, not yet sent; it was `sent`, not yet noted; it was `noted`, before the next one.
 */
const [dataDirectory = '', organization = '', url = '', dieAt = ''] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(process.env, { dataDirectory, host: '127.0.0.1', port: 0 })
if (!config.ok) throw new Error(config.message)
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('dead')
}
const http = createOutboundHttp()
const sentOf = new Set<string>()
const running = await serve(config.value, {
  log: quiet,
  async webhookHttp(request) {
    // What former processes have left behind for their endpoints is only sent.
    if (String(request.url) !== url) return http(request)
    if (dieAt === 'recorded') die()
    const record = String(JSON.parse(String(request.body)).data.id)
    // Of one record nothing is sent before what was sent of it was noted.
    if (dieAt === 'noted' && sentOf.has(record)) die()
    const result = await http(request)
    if (dieAt === 'sent') die()
    sentOf.add(record)
    return result
  },
})
const { engine } = running.house
if (dieAt === 'committed') engine.onCommit((events) => void (events[0]?.module === 'api_key' && die()))

const call = async (module: string, action: string, id: string | undefined, input: object) => {
  const about = id === undefined ? {} : { id }
  const asked = { actor: systemActor, requestId: 'req', module, action, input: { ...input }, ...about }
  const done = await engine.invoke(asked)
  if (!done.ok) throw new Error(done.message)
  return done.value.row.id
}
const owned = { organization_id: organization }
await call('webhook_endpoint', 'create', undefined, { ...owned, url, events: ['api_key.*'] })
for (let n = 0; ; n++) {
  const id = await call('api_key', 'create', undefined, { ...owned, name: `key ${n}` })
  await call('api_key', 'update', id, { name: `renamed ${n}` })
  await call('api_key', 'revoke', id, {})
  await new Promise<void>((resolve) => process.stdout.write(`${id}\n`, () => resolve()))
  // The database answers at once: without a pause nothing that comes over the network would have a turn.
  await pause(10)
}
