import { z } from 'zod'

/**
 * A map that knows all its keys. The message of its unknown-key issue is the list of the known ones, from which the
 * reader of the issue makes a suggestion for each unknown key.
 */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(',') : undefined),
  })
}
