import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** On an instance that never had an operator token, makes one and answers it, this once; undefined ever after. */
export async function ensureFirstOperator(deps: {
  readonly records: Records
  readonly invoke: Invoke
}): Promise<string | undefined> {
  const known = await deps.records.list('operator_token', { limit: 1 })
  if (known.items.length > 0) return undefined
  const made = await deps.invoke({
    actor: systemActor,
    requestId: 'first-start',
    module: 'operator_token',
    action: 'create',
    input: { name: 'first start', role: 'superadmin' },
  })
  if (!made.ok) throw new Fault('internal_error', `the first operator token was refused: ${made.message}`)
  const token = made.value.once['token']
  if (typeof token !== 'string')
    throw new Fault('internal_error', 'the first operator token was not revealed')
  return token
}
