import { describe, expect, it } from 'vitest'
import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import { type MeteringFields, type MeteringMode, planMetering } from './plan.ts'

const expressions = createExpressionCompiler()
const plan = (mode: MeteringMode, expression: string, more: Partial<MeteringFields> = {}) =>
  planMetering({ mode, expression, fallbackUnits: 1, maxUnits: 1000, ...more }, (source) =>
    expressions.compile(source, 'metering', 'number'),
  )

describe('metering by', () => {
  it('request with a number needs nothing from the call, and holds that number before it', () => {
    const planned = plan('request', ' 5 ', { maxUnits: null })
    expect(planned.ok && planned.plan).toMatchObject({
      fixedUnits: 5,
      program: null,
      needsBody: false,
      worstCaseUnits: 5,
    })
  })

  it.each([
    ['request', 'method == "POST" ? 2 : 1', 'method == "POST" ? 2 : 1', null, false],
    ['bytes', '1', 'response_bytes', null, false],
    ['bytes', 'request_bytes + response_bytes', 'request_bytes + response_bytes', null, false],
    ['response_field', 'data.cost', 'body["data"]["cost"]', ['data', 'cost'], true],
    ['response_field', 'data[0].x-cost', 'body["data"][0]["x-cost"]', ['data', '0', 'x-cost'], true],
    ['response_field', 'data.0.n', 'body["data"][0]["n"]', ['data', '0', 'n'], true],
    ['response_field', 'usage.total_tokens', 'usage.total_tokens', null, true],
    ['response_field', 'usage.credits', 'body["usage"]["credits"]', ['usage', 'credits'], true],
    ['response_field', 'body.n', 'body.n', null, true],
    ['response_field', 'size(body.items)', 'size(body.items)', null, true],
    ['custom', 'usage.output_tokens * 3', 'usage.output_tokens * 3', null, true],
    ['custom', '1', '1', null, false],
  ] as const)('%s with %s counts %s', (mode, written, source, fieldPath, needsBody) => {
    const planned = plan(mode, written)
    expect(planned.ok && { source: planned.plan.program?.source, ...planned.plan }).toMatchObject({
      source,
      fieldPath,
      needsBody,
      fixedUnits: null,
      worstCaseUnits: 1000,
    })
  })

  it.each([
    ['response_field', '1', {}, 'metering_expr', 'must name the field'],
    ['request', 'body.n', {}, 'metering_expr', 'does not look at; use custom'],
    ['bytes', 'usage.total_tokens', {}, 'metering_expr', 'does not look at; use custom'],
    ['custom', 'usage.totl', {}, 'metering_expr', 'line 1, column 7'],
    ['custom', 'path', {}, 'metering_expr', 'must yield a number'],
    ['bytes', '1', { maxUnits: null }, 'metering_max', 'is required'],
    ['custom', 'usage.total_tokens', { maxUnits: null }, 'metering_max', 'is required'],
    ['request', 'status', { maxUnits: null }, 'metering_max', 'is required'],
    ['request', '5', { maxUnits: 4 }, 'metering_max', 'is less than metering_expr'],
    ['custom', 'status', { fallbackUnits: 1001 }, 'metering_fallback', 'is more than metering_max'],
  ] as const)('%s with %s %j is refused', (mode, written, more, field, reason) => {
    const planned = plan(mode, written, more)
    expect(planned.ok ? [] : planned.problems).toEqual([{ field, reason: expect.stringContaining(reason) }])
  })
})
