import { z } from 'zod'
import { parameter } from '../schema/document.ts'
import { strict } from '../schema/strict-map.ts'

const text = z.string()

const action = strict({
  description: text.optional(),
  input: z.array(parameter).optional(),
  output: z.array(parameter).optional(),
  reads: z.boolean().optional(),
  repeatable: z.boolean().optional(),
  optional: z.boolean().optional(),
})

const meta = strict({
  icon: text.optional(),
  display_name: text.optional(),
  default: text.optional(),
  development_default: text.optional(),
})

/** The shape of a capability file: apigate-architecture 4.3 and what the product adds. */
export const capabilityDocument = strict({
  capability: text,
  description: text.optional(),
  actions: z.record(z.string(), action),
  events: z.array(text).optional(),
  meta: meta.optional(),
})

export type CapabilityDocument = z.output<typeof capabilityDocument>
