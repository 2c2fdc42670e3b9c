import { parseArgs } from 'node:util'
import { type Create, startApigate } from './gateway/apigate.ts'
import { type Measured, machineLine, measureInTurn } from './gateway/measure.ts'
import { startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'

// What a request costs in an instance that has many keys, routes and plans, beside one that has one of each.

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '100000' },
    routes: { type: 'string', default: '1000' },
    plans: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
  },
})

async function fill(create: Create): Promise<void> {
  for (let index = 0; index < Number(values.plans); index++) await create('plan', { name: `plan-${index}` })
  const kinds = ['exact', 'prefix', 'regex'] as const
  for (let index = 0; index < Number(values.routes); index++) {
    const kind = kinds[index % kinds.length] ?? 'exact'
    const path = { exact: `/many/${index}`, prefix: `/many/${index}/*`, regex: `^/many/${index}/{id}$` }[kind]
    await create('route', {
      name: `many-${index}`,
      path_pattern: path,
      match_type: kind,
      upstream_id: 'bench',
    })
  }
  let owner = ''
  for (let index = 0; index < Number(values.keys); index++) {
    if (index % 100 === 0) {
      const user = await create('user', { email: `user-${index}@example.com`, plan_id: 'bench' })
      owner = user.row.id
    }
    await create('api_key', { user_id: owner })
  }
}

const load = chooseLoad()
const upstreamPort = 18_080
const stopUpstream = await startUpstream(upstreamPort)
const small = await startApigate(18_081, upstreamPort)
const large = await startApigate(18_082, upstreamPort, { fill })
const options = {
  path: '/x',
  connections: 32,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
}
// Each has its own customer, so they are measured in turn by hand.
const ofSmall: (Measured | undefined)[] = []
const ofLarge: (Measured | undefined)[] = []
for (let round = 0; round < options.rounds; round++) {
  const one = { ...options, rounds: 1 }
  ofSmall.push((await measureInTurn([small], load.run, { ...one, key: small.key })).get(small))
  ofLarge.push((await measureInTurn([large], load.run, { ...one, key: large.key })).get(large))
}
const cost = (all: typeof ofSmall): number => {
  const sorted = all.map((one) => one?.microseconds ?? Number.NaN).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

console.log(`${machineLine(load.name)}\n`)
console.log('| instance | CPU us/request | ratio |')
console.log('|---|---:|---:|')
console.log(`| one key, one route, four plans | ${cost(ofSmall).toFixed(1)} | |`)
const many = `${values.keys} keys, ${values.routes} routes, ${values.plans} plans`
console.log(`| ${many} | ${cost(ofLarge).toFixed(1)} | ${(cost(ofLarge) / cost(ofSmall)).toFixed(3)} x |`)

small.stop()
large.stop()
stopUpstream()
process.exit(0)
