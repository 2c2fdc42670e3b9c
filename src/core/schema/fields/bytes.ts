import { z } from 'zod'
import type { FieldType } from '../field-type.ts'
import { sameText } from './text.ts'

const reason = 'must be base64'
const unpadded = (text: string): string => text.replace(/=+$/, '')

/** Binary data, base64 in JSON; `min` and `max` bound the number of bytes. */
export const bytesType: FieldType = {
  name: 'bytes',
  column: 'binary',
  schema: ({ min = 0, max = Number.MAX_SAFE_INTEGER }) =>
    z.string({ error: reason }).transform((text, context) => {
      const data = Buffer.from(text, 'base64')
      const canonical = data.toString('base64')
      if (unpadded(canonical) !== unpadded(text)) context.addIssue({ code: 'custom', message: reason })
      else if (data.length < min)
        context.addIssue({ code: 'custom', message: `must have at least ${min} bytes` })
      else if (data.length > max)
        context.addIssue({ code: 'custom', message: `must have at most ${max} bytes` })
      return canonical
    }),
  fromText: sameText,
  isOrdered: false,
  widget: 'file',
  typescript: () => 'string',
}
