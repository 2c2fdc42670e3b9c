import { z } from 'zod'
import type { FieldType } from '../field-type.ts'
import { sameText } from './text.ts'

/** Another record, by its id or by a value of one of its lookup fields; stored as the id. */
export const refType: FieldType = {
  name: 'ref',
  column: 'text',
  schema: (field) =>
    z
      .string({ error: `must be the id of a record of ${field.to}` })
      .refine(
        (text) => text !== '' && text.length <= 1000 && !text.includes('\u0000') && text.isWellFormed(),
        {
          error: `must be the id of a record of ${field.to}`,
        },
      ),
  fromText: sameText,
  isOrdered: true,
  widget: 'ref',
  typescript: () => 'string',
}
