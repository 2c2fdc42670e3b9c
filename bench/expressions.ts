/**
 * Microseconds per call of typical expressions beside a hand-written function that does the same, and of the most expensive
 * calls that hostile ones get. `node bench/expressions.ts [calls]`
 */
import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import type { ExpressionContexts, ExpressionKind, Program } from '#ports/expression.ts'

const calls = Number(process.argv[2] ?? 200_000)
const rounds = 7
const expressions = createExpressionCompiler()

const answer = {
  id: 'chatcmpl-1',
  model: 'large',
  data: {
    cost: 3,
    items: Array.from({ length: 20 }, (_, n) => ({ id: n, name: `item ${n}`, price: n * 1.5 })),
  },
}
const metering: ExpressionContexts['metering'] = {
  status: 200,
  method: 'POST',
  path: '/v1/chat',
  request_bytes: 812,
  response_bytes: 20_480,
  request_messages: 0,
  response_messages: 0,
  headers: { 'content-type': 'application/json' },
  body: answer,
  usage: {
    input_tokens: 1200,
    output_tokens: 340,
    cached_tokens: 1024,
    reasoning_tokens: 0,
    total_tokens: 1540,
  },
}
const request: ExpressionContexts['request'] = {
  method: 'GET',
  path: '/cities/lagos',
  query: { units: 'metric' },
  headers: { accept: '*/*' },
  captures: { city: 'lagos' },
  key: { id: 'key_1', organization_id: 'org_1', plan: 'Pro' },
}
const response: ExpressionContexts['response'] = {
  status: 200,
  body: answer,
  request: { method: 'GET', path: '/cities/lagos' },
}

type Case<Kind extends ExpressionKind> = readonly [
  source: string,
  kind: Kind,
  context: ExpressionContexts[Kind],
  byHand: (context: ExpressionContexts[Kind]) => unknown,
]

const typical: readonly (Case<'metering'> | Case<'request'> | Case<'response'>)[] = [
  ['usage.total_tokens', 'metering', metering, ({ usage }: typeof metering) => usage?.total_tokens],
  [
    'usage.input_tokens + usage.output_tokens * 3',
    'metering',
    metering,
    ({ usage }: typeof metering) => (usage === undefined ? 0 : usage.input_tokens + usage.output_tokens * 3),
  ],
  [
    'math.ceil(response_bytes / 1024.0)',
    'metering',
    metering,
    ({ response_bytes }: typeof metering) => Math.ceil(response_bytes / 1024),
  ],
  [
    'status < 300 ? body.data.cost : 0',
    'metering',
    metering,
    ({ status, body }: typeof metering) => (status < 300 ? (body as typeof answer).data.cost : 0),
  ],
  [
    'key.plan + "/" + captures.city',
    'request',
    request,
    ({ key, captures }: typeof request) => `${key?.plan}/${captures?.['city']}`,
  ],
  [
    '{"items": body.data.items.filter(i, i.price > 10.0).map(i, i.name)}',
    'response',
    response,
    ({ body }: typeof response) => ({
      items: (body as typeof answer).data.items.filter((item) => item.price > 10).map((item) => item.name),
    }),
  ],
]

const items = Array.from({ length: 20_000 }, (_, n) => ({ n, s: `x${n}` }))
const numbers = Array.from({ length: 30_000 }, (_, n) => n)
const wide = Object.fromEntries(numbers.map((n) => [`k${n}`, n]))
const attacked = {
  ...metering,
  body: { items, numbers, wide, other: { ...wide }, big: 'a'.repeat(1_000_000) },
}
const hostile: readonly string[] = [
  'body.items.map(a, body.items.map(b, body.items.map(c, a.n)))',
  'body.items.all(a, body.items.exists(b, b.foo || a.foo))',
  'body.wide == body.other',
  'body.items.all(x, size(body.wide) > 1)',
  'body.numbers.filter(x, x in body.numbers)',
  'body.items.map(x, body.big)',
  'body.items.map(x, x.s.split("").join(x.s))',
]

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

let sink: unknown

function microseconds(total: number, once: () => unknown): number {
  const started = process.hrtime.bigint()
  for (let call = 0; call < total; call++) sink = once()
  return Number(process.hrtime.bigint() - started) / 1000 / total
}

function compiled<Kind extends ExpressionKind>(source: string, kind: Kind): Program<Kind> {
  const result = expressions.compile(source, kind, 'json')
  if (!result.ok) throw new Error(`${source} ${result.reason}`)
  return result.program
}

console.log('| expression | µs a call | by hand | difference |')
console.log('|---|---|---|---|')
for (const [source, kind, context, byHand] of typical) {
  const program = compiled(source, kind) as Program<ExpressionKind>
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const ours = microseconds(calls, () => program.run(context as never))
    const hand = microseconds(calls, () => byHand(context as never))
    // The first round warms both up.
    if (round > 0) {
      times[0].push(ours)
      times[1].push(hand)
    }
  }
  const [ours, hand] = times.map(median) as [number, number]
  console.log(`| \`${source}\` | ${ours.toFixed(2)} | ${hand.toFixed(2)} | ${(ours - hand).toFixed(2)} |`)
}

console.log('\n| hostile expression, over a body of 1 MiB | ms until it is stopped (median, most) |')
console.log('|---|---|')
for (const source of hostile) {
  const program = compiled(source, 'metering')
  const times = Array.from({ length: 15 }, () => microseconds(1, () => program.run(attacked)) / 1000)
  console.log(`| \`${source}\` | ${median(times).toFixed(1)}, ${Math.max(...times).toFixed(1)} |`)
}

const compileTimes = Array.from({ length: 500 }, (_, n) =>
  microseconds(1, () => compiled(`usage.input_tokens + usage.output_tokens * ${n}`, 'metering')),
)
console.log(`\ncompiling one expression: ${median(compileTimes).toFixed(0)} µs`)
if (sink === undefined) throw new Error('nothing was computed')
