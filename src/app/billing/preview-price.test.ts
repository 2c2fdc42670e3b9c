import { describe, expect, test } from 'vitest'
import { previewPrice } from './preview-price.ts'

describe('the preview of a price', () => {
  test('comes to what the plan would be billed, line by line', () => {
    const draft = {
      price_model: 'graduated',
      price_monthly: 1000,
      tiers: [{ up_to: 100, unit_price: '0.10' }, { unit_price: '0.05' }],
    }
    const previewed = previewPrice({ ...draft, units: [0, 300] })
    expect(previewed).toMatchObject({ ok: true, value: { currency: 'USD' } })
    expect(previewed.ok && previewed.value.periods.map(({ total }) => total)).toEqual([1000, 3000])
    expect(previewed.ok && previewed.value.periods[1]?.lines.map(({ amount }) => amount)).toEqual([
      1000, 1000, 1000,
    ])
  })

  test('names every field that is no part of a price, of the wrong kind, or wrong in itself', () => {
    const fieldsOf = (draft: Record<string, unknown>) => {
      const previewed = previewPrice(draft)
      if (previewed.ok) return []
      const { errors, field } = (previewed.details ?? {}) as { errors?: { field: string }[]; field?: string }
      return errors?.map((problem) => problem.field) ?? [field]
    }
    expect(fieldsOf({ units: [1], price_monthly: '5', colour: 'red' })).toEqual(['price_monthly', 'colour'])
    expect(fieldsOf({ units: [-1] })).toEqual(['units'])
    expect(fieldsOf({ units: [1], price_model: 'per_unit' })).toEqual(['unit_price'])
    expect(fieldsOf({ units: [1e12], price_model: 'per_unit', unit_price: '999999' })).toEqual(['units'])
  })
})
