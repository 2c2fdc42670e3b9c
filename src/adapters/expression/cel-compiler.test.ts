import { describe, expect, it } from 'vitest'
import type { ExpressionContexts, ExpressionKind, ExpressionYield } from '#ports/expression.ts'
import { createExpressionCompiler } from './cel-compiler.ts'

const compiler = createExpressionCompiler()

const contexts: ExpressionContexts = {
  metering: {
    status: 201,
    method: 'POST',
    path: '/v1/chat',
    request_bytes: 100,
    response_bytes: 2500,
    request_messages: 0,
    response_messages: 0,
    headers: { 'content-type': 'application/json', 'x-cost': '7' },
    body: {
      n: 2.5,
      count: 3,
      text: 'Grüße',
      nothing: null,
      flag: true,
      items: [{ n: 1, tag: 'a' }, { n: 2, tag: 'b' }, { tag: 'c' }],
      map: { a: 1, b: 2 },
    },
    usage: {
      input_tokens: 10,
      output_tokens: 20,
      cached_tokens: 4,
      reasoning_tokens: 5,
      total_tokens: 30,
    },
  },
  request: {
    method: 'GET',
    path: '/cities/lagos',
    query: { units: 'metric' },
    headers: { accept: '*/*' },
    body: { name: 'a' },
    captures: { city: 'lagos' },
    key: { id: 'key_1', organization_id: 'org_1', plan: 'Pro' },
  },
  response: {
    status: 404,
    headers: { etag: '"1"' },
    body: { data: [1, 2] },
    request: { method: 'GET', path: '/x', query: { q: 'z' }, headers: { accept: 'text/plain' } },
  },
}

function run(source: string, kind: ExpressionKind = 'metering', yields: ExpressionYield = 'json'): unknown {
  const compiled = compiler.compile(source, kind, yields)
  if (!compiled.ok) return `refused: ${compiled.reason}`
  const result = compiled.program.run(contexts[kind] as never)
  return result.ok ? result.value : `failed: ${result.reason}`
}

describe('every variable of a metering expression', () => {
  it.each([
    ['status', 201],
    ['method', 'POST'],
    ['path', '/v1/chat'],
    ['request_bytes', 100],
    ['response_bytes', 2500],
    ['headers["x-cost"]', '7'],
    ['body.n', 2.5],
    ['usage.input_tokens', 10],
    ['usage.output_tokens', 20],
    ['usage.cached_tokens', 4],
    ['usage.reasoning_tokens', 5],
    ['usage.total_tokens', 30],
  ])('%s is %j', (source, value) => expect(run(source)).toEqual(value))
})

describe('every variable of a request and of a response expression', () => {
  it.each([
    ['request', 'method', 'GET'],
    ['request', 'path', '/cities/lagos'],
    ['request', 'query.units', 'metric'],
    ['request', 'headers.accept', '*/*'],
    ['request', 'body.name', 'a'],
    ['request', 'captures.city', 'lagos'],
    ['request', 'key.id', 'key_1'],
    ['request', 'key.organization_id', 'org_1'],
    ['request', 'key.plan', 'Pro'],
    ['response', 'status', 404],
    ['response', 'headers.etag', '"1"'],
    ['response', 'body.data', [1, 2]],
    ['response', 'request.method', 'GET'],
    ['response', 'request.path', '/x'],
    ['response', 'request.query.q', 'z'],
    ['response', 'request.headers.accept', 'text/plain'],
  ] as const)('%s: %s', (kind, source, value) => expect(run(source, kind)).toEqual(value))
})

describe('the language', () => {
  it.each([
    ['5 / 2', 2],
    ['5 / 2.0', 2.5],
    ['response_bytes / 1024', 2],
    ['math.ceil(response_bytes / 1024.0)', 3],
    ['math.floor(2.9) + math.round(2.5) + math.ceil(4)', 9],
    ['math.greatest(1, usage.total_tokens) + math.least(1.5, 2)', 31.5],
    ['status % 100', 1],
    ['-status', -201],
    ['body.n + 1', 3.5],
    ['body.count * 2', 6],
    ['1 - body.n', -1.5],
    ['body.count == 3 && 3 == body.count && 1 == 1.0', true],
    ['status < 300 ? usage.total_tokens : 0', 30],
    ['status in [200, 201] && "a" in body.map && !("z" in body.map)', true],
    ['body.items.map(i, i.tag).join("-")', 'a-b-c'],
    ['body.items.filter(i, has(i.n)).map(i, i.n)', [1, 2]],
    ['body.items.map(i, has(i.n), i.n * 2)', [2, 4]],
    ['body.items.exists(i, i.n == 2)', true],
    ['body.items.all(i, i.n == 1)', false],
    ['body.items.exists_one(i, i.tag == "b")', true],
    ['body.map.all(k, body.map[k] > 0)', true],
    ['body.items.map(body, body.tag)[1]', 'b'],
    [
      'body.items.map(a, body.map.map(b, a.tag + b))',
      [
        ['aa', 'ab'],
        ['ba', 'bb'],
        ['ca', 'cb'],
      ],
    ],
    ['body.?usage.?tokens.orValue(9)', 9],
    ['body[?"map"].?a.orValue(9)', 1],
    ['body.?nothing.?deeper.hasValue()', false],
    ['headers[?"x-none"].orValue("none")', 'none'],
    ['has(body.text) && !has(body.other)', true],
    ['size(body.items) + body.text.size()', 8],
    ['"a,b,,c".split(",")', ['a', 'b', '', 'c']],
    ['" x ".trim() + "ABc".lowerAscii() + "ABc".upperAscii()', 'xabcABC'],
    ['"hello".substring(1, 3) + "hello".substring(4)', 'elo'],
    ['"hello".indexOf("l") * 10 + "hello".lastIndexOf("l")', 23],
    ['"hello".contains("ell") && "hello".startsWith("he") && "hello".endsWith("lo")', true],
    ['int("12") + int(2.9) + int(headers["x-cost"])', 21],
    ['double("1.5e1") + double(1)', 16],
    ['string(1) + string(2.5) + string(true)', '12.5true'],
    ['bool("true") || bool(body.flag)', true],
    ['{"a": [1, "x", null], "b": body.map}', { a: [1, 'x', null], b: { a: 1, b: 2 } }],
    ['{"__proto__": 1}.size()', 1],
    ['body.map.merge({"b": "x", "c": [1]})', { a: 1, b: 'x', c: [1] }],
    ['body.map.without(["a", "z"])', { b: 2 }],
    ['body.items.map(i, i.without(["n"]).merge({"seen": true}))[0]', { tag: 'a', seen: true }],
    ['{"a": 1}.merge({"a": body.n}).a', 2.5],
    ['body.map.a', 1],
    ['[1, 2] + [3]', [1, 2, 3]],
    ['[1, {"a": 2}] == [1.0, {"a": 2}]', true],
    ['body.missing == 1 || true', true],
    ['false && body.missing == 1', false],
    ['"b" > "a" && 2 >= 1.5 && true > false', true],
    ['body.text', 'Grüße'],
    ['body.nothing', null],
  ])('%s', (source, value) => expect(run(source)).toEqual(value))

  it('makes no object out of a key that means something to JavaScript', () => {
    const made = run('{"__proto__": {"polluted": true}, "constructor": 1}') as Record<string, unknown>
    expect(Object.keys(made)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(run('has(body.constructor) || "toString" in body.map')).toBe(false)
  })
})

describe('an expression that cannot be compiled is refused with its place', () => {
  it.each([
    ['1 +', 'line 1, column 4: unexpected token: the end'],
    ['(1', 'line 1, column 3: expected ), got the end'],
    ['usage.totl', 'line 1, column 7: no such key: totl'],
    ['statuss', 'line 1, column 1: unknown variable: statuss'],
    ['1 +\n  foo', 'line 2, column 3: unknown variable: foo'],
    ['status + "a"', 'line 1, column 1: no such overload: int + string'],
    ['true ? 1 : 2.0', 'line 1, column 1: ternary branches must have the same type'],
    ['body.text.matches("(a+)+$") ? 1 : 0', 'line 1, column 11: matches() is not offered'],
    ['type(1) == int ? 1 : 0', 'line 1, column'],
    ['timestamp("2026-01-01T00:00:00Z").getFullYear()', 'is not offered'],
    ['cel.bind(a, 1, a)', 'bind() is not offered'],
    ['b"abc".size()', 'line 1, column 1: literals of bytes'],
    ['1u + 1u', 'must yield a number, not uint'],
    ['99999999999999999999', 'does not fit into 64 bits'],
    ['usage["total_tokens"]', 'read as usage.name'],
    ['math.sqrt(2.0)', 'no matching overload'],
    ['captures.city', 'unknown variable: captures'],
    ['"text"', 'must yield a number, not string'],
    ['usage', 'must yield a number, not usage'],
    ['[1]', 'must yield a number, not list'],
    [`1${' '.repeat(5000)}`, 'is longer than 4096 characters'],
    [`${'1 + '.repeat(300)}1`, 'exceeded maxAstNodes'],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 'exceeded maxDepth'],
    [`${'!'.repeat(4000)}true`, 'exceeded maxAstNodes'],
  ])('%s', (source, reason) => {
    const compiled = compiler.compile(source, 'metering', 'number')
    expect(compiled.ok ? 'compiled' : compiled.reason).toContain(reason)
  })

  it('for a header value when it is a list or a map', () => {
    expect(run('body.items.map(i, i.n)', 'metering', 'text')).toMatch(/must yield a text, number or boolean/)
  })
})

describe('an expression that cannot be evaluated answers why, and never throws', () => {
  it.each([
    ['body.missing', 'there is no such key'],
    ['body.items[7]', 'the index is outside the list'],
    ['body.items["x"]', 'the index of a list must be a whole number'],
    ['body.text.missing', 'only maps and lists have members'],
    ['headers["x-none"]', 'there is no such key'],
    ['body.text + 1', 'arithmetic needs two numbers'],
    ['-body.text', 'arithmetic needs numbers'],
    ['body.text > 1', 'values of different types have no order'],
    ['body.text && true', 'a condition must be true or false'],
    ['!body.n', 'a condition must be true or false'],
    ['body.items.all(i, i.n > 0)', 'there is no such key'],
    ['body.n.map(x, x)', 'a macro needs a list or a map'],
    ['1 in body.n', 'in needs a list or a map'],
    ['status / 0', 'division by zero'],
    ['9223372036854775807 + status', 'integer overflow'],
    ['int("x")', 'int() cannot convert'],
    ['double("")', 'double() cannot convert'],
    ['string(body.map)', 'string() cannot convert'],
    ['bool("yes")', 'bool() cannot convert'],
    ['size(body.n)', 'size() needs'],
    ['"abc".substring(2, 1)', 'the offset is outside the text'],
    ['"abc".substring(9)', 'the offset is outside the text'],
    ['body.items.join(",")', 'a text was expected'],
    ['body.n.merge({})', 'a map was expected'],
    ['body.map.without(body.n)', 'without() needs a list of names'],
    ['{body.n: 1}', 'the key of a map must be a text'],
    ['1.0 / 0.0', 'the result is not a finite number'],
    ['9007199254740993', 'the result is not a finite number'],
  ])('%s', (source, reason) => expect(run(source)).toContain(`failed: ${reason}`))

  it('when a number was wanted and the body gave none', () => {
    for (const source of ['body.text', 'body.nothing', 'body.items', 'body.flag'])
      expect(run(source, 'metering', 'number')).toBe('failed: the result is not a number')
  })

  it('without telling values of the input', () => {
    expect(run('body[body.text]')).not.toContain('Grüße')
  })
})

describe('a hostile expression or body', () => {
  const items = Array.from({ length: 20_000 }, (_, n) => ({ n, s: `x${n}` }))
  const numbers = Array.from({ length: 30_000 }, (_, n) => n)
  const wide = Object.fromEntries(numbers.map((n) => [`k${n}`, n]))
  const few = numbers.slice(0, 1_000)
  let deep: unknown = 1
  for (let level = 0; level < 5_000; level++) deep = [deep]
  const big = 'a'.repeat(1_000_000)
  const body = {
    items,
    numbers,
    few,
    wide,
    other: { ...wide },
    deep,
    deeper: [deep],
    big,
    needle: `b${'a'.repeat(5_000)}`,
  }

  it.each([
    ['nested loops', 'body.items.map(a, body.items.map(b, body.items.map(c, a.n)))'],
    ['a loop of failures', 'body.items.all(a, a.foo)'],
    ['nested loops of failures', 'body.items.all(a, body.items.exists(b, b.foo || a.foo))'],
    ['a long text that is searched for', 'body.big.contains(body.needle)'],
    ['a search repeated', 'body.items.all(x, !body.big.contains("b"))'],
    ['a text cut into characters', 'body.big.split("")'],
    ['texts that double', `["aaaaaaaaaaaaaaaa"]${'.map(a, a + a)'.repeat(20)}`],
    ['lists that double', `[1]${'.map(a, [a, a])'.repeat(20)}`],
    [
      'comparing lists that double',
      `dyn([1]${'.map(a, [a, a])'.repeat(18)}) == dyn([1]${'.map(a, [a, a])'.repeat(18)})`,
    ],
    ['a result that repeats a long text', 'body.few.map(x, body.big)'],
    ['rewriting a long text again and again', 'body.items.map(x, body.big.trim())'],
    ['counting a wide map again and again', 'body.items.all(x, size(body.wide) > 1)'],
    ['membership in a long list, for each of it', 'body.numbers.filter(x, x in body.numbers)'],
    ['comparing wide maps', 'body.wide == body.other'],
    ['joining texts that grow', 'body.items.map(x, x.s.split("").join(body.big))'],
  ])('%s is stopped', (_name, source) => {
    const compiled = compiler.compile(source, 'metering', 'json')
    if (!compiled.ok) throw new Error(compiled.reason)
    const result = compiled.program.run({ ...contexts.metering, body })
    expect(result).toEqual({ ok: false, reason: 'takes too long' })
  })

  it('cannot exhaust the stack with nested values', () => {
    const evaluate = (source: string) => {
      const compiled = compiler.compile(source, 'metering', 'json')
      return compiled.ok && compiled.program.run({ ...contexts.metering, body })
    }
    expect(evaluate('body.deep')).toEqual({ ok: false, reason: 'the result is nested too deeply' })
    expect(evaluate('body.deep == body.deeper')).toEqual({
      ok: false,
      reason: 'the values are nested too deeply',
    })
  })

  it('cannot hide behind || that the work is used up', () => {
    const compiled = compiler.compile(
      'body.items.all(a, body.items.all(b, b.n >= 0)) || true',
      'metering',
      'json',
    )
    expect(compiled.ok && compiled.program.run({ ...contexts.metering, body })).toEqual({
      ok: false,
      reason: 'takes too long',
    })
  })
})

describe('a program', () => {
  const program = (source: string) => {
    const compiled = compiler.compile(source, 'metering', 'json')
    if (!compiled.ok) throw new Error(compiled.reason)
    return compiled.program
  }

  it('tells what it reads, so that nothing else has to be prepared', () => {
    expect(program('status').usesBody).toBe(false)
    expect(program('body.n').usesBody).toBe(true)
    expect(program('[1].map(body, body)').usesBody).toBe(false)
    expect(program('headers.a').usesHeaders).toBe(true)
    expect([...program('usage.total_tokens + status').variables]).toEqual(['usage', 'status'])
  })

  it('fails where a variable is not given', () => {
    const { body: _body, usage: _usage, ...bare } = contexts.metering
    expect(program('usage.total_tokens').run(bare)).toEqual({ ok: false, reason: 'usage is not known here' })
  })

  it('is the same for the same source, and starts afresh at every run', () => {
    const one = program('body.items.map(i, i.tag)')
    expect(program('body.items.map(i, i.tag)')).toBe(one)
    const first = one.run(contexts.metering)
    expect(one.run(contexts.metering)).toEqual(first)
  })
})
