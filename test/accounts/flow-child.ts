import { readConfig } from '#bootstrap/config.ts'
import { serve } from '#bootstrap/serve.ts'

/** Sends one request and kills its own process at the given look at the clock; prints what was answered if it gets that far. */
const [dataDirectory = '', diesAt = '0', request = '{}'] = process.argv.slice(2)
const { path, token, body } = JSON.parse(request) as { path: string; token?: string; body: object }
let isCounting = false
let looks = 0
const clock = {
  now() {
    looks += isCounting ? 1 : 0
    if (isCounting && looks === Number(diesAt)) process.kill(process.pid, 'SIGKILL')
    return Date.now()
  },
}
const config = readConfig(process.env, { host: '127.0.0.1', port: 0, dataDirectory })
if (!config.ok) throw new Error(config.message)
const log = { debug() {}, info() {}, warn() {}, error() {} }
const running = await serve(config.value, { clock, log })
isCounting = true
const answer = await fetch(running.url + path, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  },
  body: JSON.stringify(body),
})
isCounting = false
process.stdout.write(`${answer.status} ${looks}\n`)
await running.close()
