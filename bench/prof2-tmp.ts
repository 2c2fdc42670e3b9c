import { startApigate, startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'

const stop = await startUpstream(18180)
const a = await startApigate(18183, 18180)
const load = chooseLoad()
const r = await load.run(a.url, a.key, 32, 8)
console.log(r.requests / 8)
process.kill(a.pid, 'SIGTERM')
await new Promise((x) => setTimeout(x, 3000))
stop()
