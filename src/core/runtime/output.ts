import { Fault } from '#contract/outcome.ts'
import type { Blueprint } from './blueprint.ts'

/** Checks what the behaviours of an action have answered against its `output`; anything else is a mistake of theirs, which undoes the action. */
export function checkOutput({ module, action, output }: Blueprint, once: Record<string, unknown>): void {
  const fail = (name: string, reason: string): never => {
    throw new Fault('internal_error', `${module.name}.${action.name} answered "${name}", which ${reason}`)
  }
  for (const [name, value] of Object.entries(once)) {
    const checked = output.get(name)
    const parsed = (value ?? null) === null ? { success: true, data: null } : checked?.schema.safeParse(value)
    if (parsed === undefined || checked === undefined) fail(name, 'is not among its output')
    else if (!parsed.success) fail(name, 'does not fit its type')
    else once[name] = parsed.data
  }
  for (const { field } of output.values())
    if (field.isRequired && (once[field.name] ?? null) === null) fail(field.name, 'is required and missing')
}
