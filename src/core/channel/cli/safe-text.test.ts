import { describe, expect, it } from 'vitest'
import { displayWidth, fitText, isSafeText, safeDocument, safeText } from './safe-text.ts'

describe('safe text', () => {
  it.each([
    ['a colour change', '\u001b[31mred', '\\u001b[31mred'],
    ['a second line', 'one\ntwo', 'one\\ntwo'],
    ['a carriage return that would overwrite the line', 'paid\rfree', 'paid\\rfree'],
    ['a C1 control sequence', 'a\u009b31m', 'a\\u009b31m'],
    ['a turned reading direction', 'abc\u202etxt.exe', 'abc\\u202etxt.exe'],
    ['an invisible space', 'a\u200bb', 'a\\u200bb'],
  ])('writes %s out instead of sending it to the terminal', (_what, text, expected) => {
    expect(isSafeText(text)).toBe(false)
    expect(safeText(text)).toBe(expected)
    expect(isSafeText(safeText(text))).toBe(true)
  })

  it('leaves words of every script as they are', () => {
    for (const text of ['plain', 'naïve', '東京', 'Ọ̀yọ́', '🙂']) expect(safeText(text)).toBe(text)
  })

  it('keeps the line breaks of a document, and JSON that it escapes reads back as the same value', () => {
    const value = { name: 'a\u009bb\u202e', other: 'two\nlines' }
    const text = safeDocument(JSON.stringify(value, null, 2))
    expect(text).toContain('\n')
    expect(isSafeText(text.replaceAll('\n', ''))).toBe(true)
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('the width of text', () => {
  it.each([
    ['abc', 3],
    ['東京', 4],
    ['🙂', 2],
    ['é', 1],
    ['e\u0301', 1],
  ])('knows that %s takes %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })

  it('cuts to a width and shows that something is missing', () => {
    expect(fitText('abcdef', 6)).toBe('abcdef')
    expect(fitText('abcdef', 4)).toBe('abc…')
    expect(fitText('東京都庁', 5)).toBe('東京…')
  })
})
