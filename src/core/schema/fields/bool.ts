import { z } from 'zod'
import type { FieldType } from '../field-type.ts'

const words: ReadonlyMap<string, boolean> = new Map([
  ['0', false],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['on', true],
  ['true', true],
  ['yes', true],
])

/** True or false. */
export const boolType: FieldType = {
  name: 'bool',
  column: 'boolean',
  schema: () => z.boolean({ error: 'must be true or false' }),
  fromText: (text) => words.get(text.toLowerCase()) ?? text,
  isOrdered: false,
  widget: 'switch',
  typescript: () => 'boolean',
}
