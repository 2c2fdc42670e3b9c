import { z } from 'zod'
import type { FieldType } from '../field-type.ts'
import { sameText } from './text.ts'

/** One of the words that the field names in `values`. */
export const enumType: FieldType = {
  name: 'enum',
  column: 'text',
  schema: (field) => z.enum(field.values, { error: `must be one of ${field.values.join(', ')}` }),
  fromText: sameText,
  isOrdered: true,
  widget: 'select',
  typescript: (field) => field.values.map((value) => `'${value.replaceAll(/['\\]/g, '\\$&')}'`).join(' | '),
}
