import { describe, expect, it } from 'vitest'
import { renderFields, renderTable } from './table.ts'

const plain = { width: undefined, hasColours: false }

describe('a table', () => {
  it('puts numbers to the right, other values to the left and a dash for nothing', () => {
    const text = renderTable(
      [{ title: 'name' }, { title: 'price' }, { title: 'note' }],
      [
        ['free', 0, null],
        ['pro', 5000, undefined],
        ['list', -1, ['a', 1]],
      ],
      plain,
    )
    expect(text).toBe(
      ['NAME  PRICE  NOTE', 'free      0  -', 'pro    5000  -', 'list     -1  ["a",1]'].join('\n'),
    )
  })

  it('never sends a control character of a stored value to the terminal', () => {
    const text = renderTable([{ title: 'name' }], [['\u001b[2J\nowned']], plain)
    expect(text.split('\n')).toEqual(['NAME', '\\u001b[2J\\nowned'])
  })

  it('fits the screen by cutting the widest columns, never the ids', () => {
    const id = 'pln_01J0000000000000000000000A'
    const text = renderTable(
      [{ title: 'id', isWhole: true }, { title: 'name' }, { title: 'description' }],
      [[id, 'short', 'a description that is much longer than everything else in this row']],
      { width: 60, hasColours: false },
    )
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(text).toContain(id)
    expect(text).toContain('short')
    expect(text).toContain('…')
  })

  it('cuts nothing where nobody is looking', () => {
    const long = 'x'.repeat(500)
    expect(renderTable([{ title: 'name' }], [[long]], plain)).toContain(long)
  })

  it('has colours only where they are allowed', () => {
    expect(renderTable([{ title: 'a' }], [], plain)).toBe('A')
    expect(renderTable([{ title: 'a' }], [], { width: 80, hasColours: true })).toContain('\u001b[1m')
  })

  it('shows one record with a field a line', () => {
    const text = renderFields(
      [
        ['id', 'pln_1'],
        ['price_monthly', 0],
        ['api_id', null],
      ],
      plain,
    )
    expect(text).toBe(['id             pln_1', 'price_monthly  0', 'api_id         -'].join('\n'))
  })
})
