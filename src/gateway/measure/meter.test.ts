import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plannedRoute } from '#test/support/planned-route.ts'
import { createMeter, type Measured, type MeterWarning } from './meter.ts'

const codings: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  '': (plain) => plain,
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  'deflate, bare': deflateRawSync,
  zstd: zstdCompressSync,
}

interface Answer {
  readonly body: string | Buffer
  readonly type?: string
  readonly coding?: string
  readonly cuts?: readonly number[]
  readonly isComplete?: boolean
  readonly status?: number
  readonly headers?: readonly string[]
  readonly keptBytes?: number
}

type Fields = Parameters<typeof plannedRoute>[0]

function measure(fields: Fields, answer: Answer): Promise<Measured> {
  const plan = plannedRoute({ metering_max: 1_000_000, ...fields }).metering
  const meter = createMeter(plan, { method: 'POST', path: '/v1/x' }, answer.keptBytes)
  const { coding = '', cuts = [], type = 'application/json' } = answer
  const bytes = (codings[coding] ?? ((plain) => plain))(Buffer.from(answer.body))
  const headers = [...(answer.headers ?? []), 'Content-Type', type]
  if (coding !== '') headers.push('Content-Encoding', coding.split(',', 1)[0] ?? '')
  meter.onHead(answer.status ?? 200, headers)
  let from = 0
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    if (cut > from) meter.onData(bytes.subarray(from, cut))
    from = Math.max(from, cut)
  }
  const totals = { requestBytes: 100, responseBytes: bytes.length, isComplete: answer.isComplete ?? true }
  return new Promise((resolve) => meter.end(totals, resolve))
}

const unitsOf = async (fields: Fields, answer: Answer): Promise<number> =>
  (await measure(fields, answer)).units

const tokens = { metering_mode: 'response_field', metering_expr: 'usage.total_tokens' } as const
const custom = (metering_expr: string, more: Fields = {}): Fields => ({
  metering_mode: 'custom',
  metering_expr,
  ...more,
})
const events = (...data: readonly unknown[]): string =>
  data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('')
const sse = 'text/event-stream; charset=utf-8'

const openAiStream = events(
  { choices: [{ delta: { content: 'Hello "usage": { world' } }], usage: null },
  { choices: [], usage: { prompt_tokens: 11, completion_tokens: 9, total_tokens: 20 } },
  '[DONE]',
)
const anthropicStream =
  `event: message_start\n${events({ type: 'message_start', message: { usage: { input_tokens: 25, cache_creation_input_tokens: 5, output_tokens: 1 } } })}` +
  `event: ping\n${events({ type: 'ping' })}` +
  `event: message_delta\n${events({ type: 'message_delta', usage: { output_tokens: 12 } })}` +
  events({ type: 'message_stop' })

describe('the units of a call', () => {
  it.each([
    ['what was answered, by default', { metering_mode: 'bytes' }, { body: 'x'.repeat(1234) }, 1234],
    [
      'both directions, rounded once',
      { metering_mode: 'bytes', metering_expr: '(request_bytes + response_bytes) / 1024.0' },
      { body: 'x'.repeat(1436) },
      2,
    ],
    [
      'by the head',
      { metering_expr: 'status == 201 && method == "POST" ? 3 : 1' },
      { body: '', status: 201 },
      3,
    ],
    ['by a header', custom('int(headers["x-cost"])'), { body: '', headers: ['X-Cost', '17'] }, 17],
    [
      'a field',
      { metering_mode: 'response_field', metering_expr: 'data[1].cost' },
      { body: '{"data":[{"cost":1},{"cost":42}]}' },
      42,
    ],
    ['half a unit is rounded up', custom('body.n * 0.5'), { body: '{"n":5}' }, 3],
    ['less than half is rounded down', custom('body.n * 0.1'), { body: '{"n":4}' }, 0],
    ['tokens of a JSON answer', tokens, { body: '{"usage":{"prompt_tokens":7,"completion_tokens":3}}' }, 10],
    ['tokens of an OpenAI stream', tokens, { body: openAiStream, type: sse }, 20],
    ['tokens of an Anthropic stream', tokens, { body: anthropicStream, type: sse }, 42],
    [
      'weighted tokens',
      custom('usage.input_tokens + usage.output_tokens * 3 - usage.cached_tokens * 0.5'),
      { body: anthropicStream, type: sse },
      66,
    ],
    [
      'a field of a stream, where it stood last',
      { metering_mode: 'response_field', metering_expr: 'cost.units' },
      { body: events({ cost: { units: 3 } }, { cost: { units: 8 } }, { text: 'x' }, '[DONE]'), type: sse },
      8,
    ],
    [
      'of the last event, for an expression',
      custom('size(body.items)'),
      { body: events({ items: [1] }, { items: [1, 2, 3] }, '[DONE]'), type: sse },
      3,
    ],
    [
      'of the event that told usage, for an expression over both',
      custom('body.usage.total_tokens + usage.total_tokens'),
      { body: events({ usage: { total_tokens: 4 } }, { bye: true }, '[DONE]'), type: sse },
      8,
    ],
    [
      'tokens in JSON lines',
      tokens,
      { body: '{"text":"a"}\n{"usage":{"total_tokens":6}}\n', type: 'application/x-ndjson' },
      6,
    ],
  ] as const)('%s', async (_name, fields, answer, units) => {
    expect(await measure(fields as Fields, answer)).toMatchObject({ units, warning: undefined })
  })

  it('come with the token counts that the answer told', async () => {
    const { usage } = await measure(tokens, { body: openAiStream, type: sse })
    expect(usage).toMatchObject({ input_tokens: 11, output_tokens: 9 })
  })
})

describe('a call that cannot be measured costs metering_fallback, and is counted', () => {
  const fields = { ...tokens, metering_fallback: 77 }
  const cases: readonly (readonly [string, Fields, Answer, MeterWarning])[] = [
    ['the field is missing', fields, { body: '{"data":1}' }, 'expression_failed'],
    ['the field is a text', fields, { body: '{"usage":{"total_tokens":"9"}}' }, 'expression_failed'],
    [
      'the field is null',
      { ...fields, metering_expr: 'cost' },
      { body: '{"cost":null}' },
      'expression_failed',
    ],
    ['the field is negative', { ...fields, metering_expr: 'cost' }, { body: '{"cost":-9}' }, 'negative'],
    [
      'the field is less than nothing by a little',
      { ...fields, metering_expr: 'cost' },
      { body: '{"cost":-0.1}' },
      'negative',
    ],
    ['it is no JSON', fields, { body: '<html>' }, 'not_json'],
    ['it is empty', fields, { body: '' }, 'not_json'],
    [
      'it is larger than is kept',
      fields,
      { body: `{"a":"${'x'.repeat(2000)}"}`, keptBytes: 1000 },
      'too_large',
    ],
    [
      'it unpacks to more than is kept',
      fields,
      { body: `{"a":"${'x'.repeat(500_000)}"}`, coding: 'gzip', keptBytes: 1000 },
      'too_large',
    ],
    ['it holds too many values', fields, { body: `[${'0,'.repeat(40_000)}0]` }, 'too_large'],
    ['its coding is not known', fields, { body: 'x', coding: 'compress' }, 'undecodable'],
    [
      'it is coded twice',
      fields,
      { body: 'x', headers: ['Content-Encoding', 'gzip'], coding: 'br' },
      'undecodable',
    ],
    [
      'it is not of its coding',
      fields,
      { body: '{"usage":{"total_tokens":5}}', headers: ['Content-Encoding', 'gzip'] },
      'undecodable',
    ],
    ['a stream told nothing', fields, { body: events({ a: 1 }, '[DONE]'), type: sse }, 'expression_failed'],
    [
      'a stream was cut before it told',
      fields,
      { body: events({ a: 1 }), type: sse, isComplete: false },
      'cut_off',
    ],
    ['a JSON answer was cut', fields, { body: '{"usage":{"total_tok', isComplete: false }, 'cut_off'],
  ]
  it.each(cases)('%s', async (_name, route, answer, warning) => {
    expect(await measure(route, answer)).toMatchObject({ units: 77, warning })
  })

  it('leaving a stream early costs what it told so far, but not less than that', async () => {
    const early = {
      body: anthropicStream.slice(0, anthropicStream.indexOf('event: ping')),
      type: sse,
      isComplete: false,
    }
    expect(await measure({ ...tokens, metering_fallback: 5 }, early)).toMatchObject({
      units: 31,
      warning: 'cut_off',
    })
    expect(await measure({ ...tokens, metering_fallback: 50 }, early)).toMatchObject({
      units: 50,
      warning: 'cut_off',
    })
  })

  it('bytes that went out before the client left are bytes', async () => {
    expect(
      await measure({ metering_mode: 'bytes' }, { body: 'x'.repeat(10), isComplete: false }),
    ).toMatchObject({
      units: 10,
      warning: undefined,
    })
  })
})

it('no call costs more than metering_max, whatever its answer says', async () => {
  const answer = { body: '{"usage":{"total_tokens":999999999}}' }
  expect(await measure({ ...tokens, metering_max: 500 }, answer)).toMatchObject({
    units: 500,
    warning: 'above_max',
  })
})

describe('the same bytes cost the same', () => {
  const answers = fc.oneof(
    fc.record({
      type: fc.constant('application/json'),
      body: fc.jsonValue().map((value) => JSON.stringify({ value, usage: { total_tokens: 7 } })),
    }),
    fc.record({ type: fc.constant('application/json'), body: fc.string() }),
    fc.record({
      type: fc.constant(sse),
      body: fc
        .array(
          fc.oneof(
            fc.nat(500).map((n) => ({ usage: { prompt_tokens: n, completion_tokens: 1 } })),
            fc.string().map((text) => ({ delta: text, usage: null })),
            fc.constant('[DONE]'),
          ),
        )
        .map((data) => events(...data)),
    }),
  )

  it('in any pieces and in any content coding', async () => {
    await fc.assert(
      fc.asyncProperty(
        answers,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(...Object.keys(codings)),
        async (answer, cuts, coding) => {
          const whole = await measure({ ...tokens, metering_fallback: 3 }, answer)
          const cut = await measure({ ...tokens, metering_fallback: 3 }, { ...answer, cuts, coding })
          expect(cut).toEqual(whole)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('in single bytes', async () => {
    const cuts = Array.from({ length: 2000 }, (_, at) => at)
    for (const coding of Object.keys(codings))
      expect(await unitsOf(tokens, { body: anthropicStream, type: sse, coding, cuts }), coding).toBe(42)
  })
})
