import { z } from 'zod'
import type { FieldType } from '../field-type.ts'
import { sameText, textSchema } from './text.ts'

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const address = new RegExp(
  `^[a-z0-9!#$%&'*+/=?^_\`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_\`{|}~-]+)*@(?:${label}\\.)+${label}$`,
)

/** An e-mail address, kept in lower case so that two spellings of one address are one value. */
export const emailType: FieldType = {
  name: 'email',
  column: 'text',
  schema: (field) =>
    z
      .string({ error: 'must be a string' })
      .transform((text) => text.trim().toLowerCase())
      .refine((text) => text.length <= 254 && text.indexOf('@') <= 64 && address.test(text), {
        error: 'must be an e-mail address',
      })
      .pipe(textSchema(field)),
  fromText: sameText,
  isOrdered: true,
  widget: 'email',
  typescript: () => 'string',
}
