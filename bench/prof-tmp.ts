import { readdirSync, readFileSync } from 'node:fs'
import { startApigate, startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'

const stop = await startUpstream(18180)
const a = await startApigate(18183, 18180)
const load = chooseLoad()
await load.run(a.url, a.key, 32, 3)
const threads = () =>
  new Map(
    readdirSync(`/proc/${a.pid}/task`).map((t) => {
      const s = readFileSync(`/proc/${a.pid}/task/${t}/stat`, 'utf8')
      const f = s.replace(/^.*\) /, '').split(' ')
      return [
        t + ' ' + s.slice(s.indexOf('(') + 1, s.indexOf(')')),
        Number(f[11]) * 1e4 + Number(f[12]) * 1e4,
      ] as const
    }),
  )
const b = threads()
const r = await load.run(a.url, a.key, 32, 5)
await new Promise((x) => setTimeout(x, 800))
const c = threads()
console.log(r, r.requests / 5)
for (const [k, v] of c) {
  const d = (v - (b.get(k) ?? 0)) / r.requests
  if (d > 0.2) console.log(k, d.toFixed(2))
}
a.stop()
stop()
