import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plannedRoute } from '#test/support/planned-route.ts'

const document = readFileSync(resolve(import.meta.dirname, '../../../docs/expressions.md'), 'utf8')
const blocks = (label: string): string[] =>
  [...document.matchAll(new RegExp(`^\`\`\`${label}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  )

describe('the examples in the document are taken as they stand', () => {
  it.each(['request_transform', 'response_transform'])('%s', (field) => {
    const examples = blocks(`json ${field}`)
    expect(examples).toHaveLength(1)
    for (const example of examples) plannedRoute({ [field]: JSON.parse(example) })
  })

  it.each(blocks('cel metering').flatMap((block) => block.trim().split('\n')))('%s', (metering_expr) => {
    const { metering } = plannedRoute({ metering_mode: 'custom', metering_expr, metering_max: 1_000_000 })
    expect(metering.program?.source).toBe(metering_expr)
  })
})

describe('a route', () => {
  it('without expressions is counted as one call, and needs nothing of it', () => {
    expect(plannedRoute({})).toEqual({
      requestTransform: null,
      responseTransform: null,
      metering: {
        mode: 'request',
        fixedUnits: 1,
        program: null,
        fieldPath: null,
        needsBody: false,
        fallbackUnits: 1,
        worstCaseUnits: 1,
      },
    })
  })
})
