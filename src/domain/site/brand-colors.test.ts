import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brandColors } from './brand-colors.ts'

const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}
const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

test('whatever colour a brand has, its buttons and links can be read in both themes', () => {
  fc.assert(
    fc.property(color, (own) => {
      const colors = brandColors(own)
      if (colors === undefined) throw new Error(own)
      expect(contrast(colors.onGround, colors.ground)).toBeGreaterThanOrEqual(4.5)
      for (const ground of ['#fafafa', '#ffffff', '#f4f4f5'])
        expect(contrast(colors.lightText, ground)).toBeGreaterThanOrEqual(4.5)
      for (const ground of ['#0c0d0f', '#141619', '#1d2024'])
        expect(contrast(colors.darkText, ground)).toBeGreaterThanOrEqual(4.5)
    }),
  )
})

test('a colour that can be read is used as it is', () => {
  expect(brandColors('#0F766E')).toMatchObject({
    ground: '#0f766e',
    onGround: '#ffffff',
    lightText: '#0f766e',
  })
})

for (const wrong of ['red', '#fff', '#12345g', '#123456;}body{', ''])
  test(`${JSON.stringify(wrong)} is no colour`, () => {
    expect(brandColors(wrong)).toBeUndefined()
  })
