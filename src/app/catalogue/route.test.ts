import { describe, expect, it } from 'vitest'
import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import { createAjvBodyValidators } from '#adapters/validation/ajv-body-validators.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { createCheckRoute } from './route.ts'

const check = createCheckRoute({
  expressions: createExpressionCompiler(),
  validators: createAjvBodyValidators(),
})

const stored = {
  api_id: 'api_1',
  path_pattern: '/things/*',
  match_type: 'prefix',
  metering_mode: 'request',
  metering_expr: '1',
  metering_fallback: 1,
  metering_max: null,
  protocol: 'http',
}

/** The problems that an update with this input is refused for, without those of what this version does not carry out. */
async function problemsOf(input: Record<string, unknown>): Promise<string[]> {
  const refusal = await check({ input, before: stored, action: 'update' } as unknown as BehaviourContext)
  const details = (refusal?.details ?? {}) as {
    field?: string
    reason?: string
    errors?: { field: string; reason: string }[]
  }
  const problems =
    details.errors ??
    (details.field === undefined ? [] : [{ field: details.field, reason: details.reason ?? '' }])
  return problems
    .map(({ field, reason }) => `${field} ${reason}`)
    .filter((problem) => !problem.includes('is not carried out by this version'))
}

describe('a route is written only with expressions that compile', () => {
  it.each([
    [{}],
    [{ metering_expr: '5', metering_max: 5 }],
    [{ metering_mode: 'bytes', metering_max: 1000 }],
    [{ metering_mode: 'response_field', metering_expr: 'usage.total_tokens', metering_max: 100_000 }],
    [{ metering_mode: 'custom', metering_expr: 'usage.total_tokens * 2', metering_max: 9, protocol: 'sse' }],
    [
      {
        request_transform: { set_headers: { 'X-Plan': '=key.plan' } },
        response_transform: { body_expr: 'body.data' },
      },
    ],
    [{ request_transform: { body_expr: 'body' }, protocol: 'sse' }],
    [{ response_transform: { set_headers: { 'X-A': '=status' } }, protocol: 'sse' }],
  ])('%j is taken', async (input) => expect(await problemsOf(input)).toEqual([]))

  it.each([
    [
      { request_transform: { set_headers: { 'X-A': '=key.plam' } } },
      'request_transform.set_headers.X-A does not compile: line 1, column 5: no such key: plam',
    ],
    [
      { response_transform: { body_expr: 'body.' } },
      'response_transform.body_expr does not compile: line 1, column 6: expected a name, got the end',
    ],
    [
      { metering_mode: 'custom', metering_expr: 'status +', metering_max: 1 },
      'metering_expr does not compile: line 1, column 9: unexpected token: the end',
    ],
    [
      { metering_mode: 'custom', metering_expr: 'method', metering_max: 1 },
      'metering_expr must yield a number, not string',
    ],
    [
      { metering_mode: 'custom', metering_expr: 'status' },
      'metering_max is required, because metering_mode custom does not know beforehand what a call costs',
    ],
    [{ metering_expr: '5', metering_max: 4 }, 'metering_max is less than metering_expr, which is 5'],
    [
      { response_transform: { body_expr: 'body' }, protocol: 'sse' },
      'response_transform reads or replaces the body, which a route of protocol sse passes on as it comes',
    ],
    [
      { request_transform: { body_expr: 'body' }, protocol: 'websocket' },
      'request_transform reads or replaces the body, which a route of protocol websocket passes on as it comes',
    ],
  ])('%j is refused with field, place and reason', async (input, problem) => {
    expect(await problemsOf(input)).toEqual([problem])
  })

  it('an update is checked together with what is stored', async () => {
    const before = { ...stored, metering_mode: 'custom', metering_expr: 'status', metering_max: 600 }
    const refusal = await check({
      input: { metering_max: null },
      before,
      action: 'update',
    } as unknown as BehaviourContext)
    expect(refusal?.details).toMatchObject({ field: 'metering_max' })
  })
})
