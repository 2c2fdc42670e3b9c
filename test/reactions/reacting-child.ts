import { readConfig } from '#bootstrap/config.ts'
import { serve } from '#bootstrap/serve.ts'
import { systemActor } from '#contract/actor.ts'

/** Serves and writes without end, two events for each record, and prints each record once both are answered. */
const [dataDirectory = '', moduleDirectory = ''] = process.argv.slice(2)
const log = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(process.env, { host: '127.0.0.1', port: 0, dataDirectory, moduleDirectory })
if (!config.ok) throw new Error(config.message)
const { house } = await serve(config.value, { log })
const call = { actor: systemActor, requestId: 'r', module: 'thing' }
for (let count = 0; ; count++) {
  const made = await house.engine.invoke({ ...call, action: 'create', input: { name: `${count}` } })
  if (!made.ok) throw new Error(made.message)
  const { id } = made.value.row
  const poked = await house.engine.invoke({ ...call, action: 'poke', id })
  if (!poked.ok) throw new Error(poked.message)
  await new Promise<void>((resolve) => process.stdout.write(`${id}\n`, () => resolve()))
}
