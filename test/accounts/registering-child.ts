import { readConfig } from '#bootstrap/config.ts'
import { serve } from '#bootstrap/serve.ts'

/** Opens one account and kills its own process at the given look at the clock; prints what was answered if it gets that far. */
const [dataDirectory = '', email = '', diesAt = '0'] = process.argv.slice(2)
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
const answer = await fetch(`${running.url}/api/v1/auth/register`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email, password: 'a long enough password', organization_name: email }),
})
isCounting = false
process.stdout.write(`${answer.status} ${looks}\n`)
await running.close()
