import type { FieldType } from '../field-type.ts'
import { sameText, textSchema } from './text.ts'

/** Text; `min` and `max` bound its length. */
export const stringType: FieldType = {
  name: 'string',
  column: 'text',
  schema: textSchema,
  fromText: sameText,
  isOrdered: true,
  widget: 'text',
  typescript: () => 'string',
}
