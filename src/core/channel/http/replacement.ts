import type { Row } from '#ports/records.ts'
import type { Field, Module } from '../../schema/module.ts'

const isSetByServer = (field: Field): boolean => field.isImplicit || field.isInternalWrite

/**
 * Secrets and write-only fields cannot be read, so that leaving them out cannot mean to erase them. Of a sticky field the default may
 * be the dangerous value: a standing or a role changes only when it is given.
 */
const isKept = (field: Field): boolean =>
  isSetByServer(field) ||
  field.isImmutable ||
  field.isSticky ||
  field.isInternal ||
  field.isWriteOnly ||
  field.type.name === 'secret'

/**
 * The input of an update that replaces a record: what was not given becomes null, which puts a default back and is refused for a
 * required field. What the server sets may be sent along unchanged, as by a client that sends back what it read.
 */
export function replacementInput(
  module: Module,
  current: Row,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    const field = module.fields.get(name)
    const isSentBack = field !== undefined && isSetByServer(field) && current[name] === value
    if (!isSentBack) input[name] = value
  }
  for (const field of module.fields.values()) {
    if (!Object.hasOwn(body, field.name) && !isKept(field)) input[field.name] = null
  }
  return input
}
