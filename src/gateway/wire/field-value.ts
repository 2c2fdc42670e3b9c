import type { FieldLines } from './field-block.ts'
import { space, tab } from './octets.ts'

/** A part of a text without the blanks around it. */
export function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === space || code === tab

/** Fields as a flat list, name and value in turns. */
export function flatFields({ text, spans, spanCount }: FieldLines): string[] {
  const list: string[] = []
  for (let span = 0; span < spanCount; span += 3) {
    const colonAt = spans[span + 1] as number
    list.push(text.slice(spans[span], colonAt), trimmed(text, colonAt + 1, spans[span + 2] as number))
  }
  return list
}

/** The value of the first field of this lower-case name. */
export function fieldValue(fields: FieldLines, lowerName: string): string | undefined {
  const { text, spans, spanCount } = fields
  for (let span = 0; span < spanCount; span += 3) {
    const start = spans[span] as number
    const colonAt = spans[span + 1] as number
    if (colonAt - start === lowerName.length && text.slice(start, colonAt).toLowerCase() === lowerName)
      return trimmed(text, colonAt + 1, spans[span + 2] as number)
  }
  return undefined
}

/** The values of all fields of this lower-case name, in the order in which they were sent. */
export function fieldValues({ text, spans, spanCount }: FieldLines, lowerName: string): readonly string[] {
  const values: string[] = []
  for (let span = 0; span < spanCount; span += 3) {
    const start = spans[span] as number
    const colonAt = spans[span + 1] as number
    if (colonAt - start === lowerName.length && text.slice(start, colonAt).toLowerCase() === lowerName)
      values.push(trimmed(text, colonAt + 1, spans[span + 2] as number))
  }
  return values
}
