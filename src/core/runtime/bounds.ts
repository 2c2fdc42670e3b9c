import { type Actor, systemActor } from '#contract/actor.ts'
import type { FieldProblem } from '#contract/outcome.ts'
import type { Row } from '#ports/records.ts'
import { scopeColumn, scopeField } from '../schema/names.ts'
import type { RecordStore } from '../storage/record-store.ts'
import type { Blueprint } from './blueprint.ts'

/** The organization that an actor is confined to: undefined for who runs the instance, and one that does not exist for nobody. */
export function boundOf(actor: Actor): string | undefined {
  return actor.kind === 'anonymous' ? '' : 'organizationId' in actor ? actor.organizationId : undefined
}

/** The system, as hooks act: with all rights, and no further than who called. */
export function systemWithin(bound: string | undefined): Actor {
  return bound === undefined ? systemActor : { kind: 'system', id: 'system', organizationId: bound }
}

/** Gives a new record of a confined actor its organization; naming another one is like naming one that is not there. */
export function stampOrganization(
  { module, action }: Blueprint,
  input: Readonly<Record<string, unknown>>,
  bound: string | undefined,
): Readonly<Record<string, unknown>> {
  const isStamped = bound !== undefined && action.kind === 'create' && scopeColumn(module) === scopeField
  if (!isStamped || (input[scopeField] !== undefined && input[scopeField] !== null)) return input
  return { ...input, [scopeField]: bound }
}

/** The organization of a record that is written, where its module has such; null while it is not known. */
export function organizationOf(
  { module }: Blueprint,
  draft: Readonly<Record<string, unknown>>,
  before: Row | undefined,
): string | null | undefined {
  if (scopeColumn(module) !== scopeField) return undefined
  const owner = draft[scopeField] ?? before?.[scopeField]
  return typeof owner === 'string' ? owner : null
}

/**
 * What behaviours and system calls may have put into a draft and does not stay within one organization: the organization itself, or a ref
 * to a record of another one, which is as good as none.
 */
export async function strayFields(
  blueprint: Blueprint,
  store: RecordStore,
  draft: Readonly<Record<string, unknown>>,
  before: Row | undefined,
  bound: string | undefined,
): Promise<readonly FieldProblem[]> {
  const owner = organizationOf(blueprint, draft, before)
  if (owner === undefined) return []
  if (bound !== undefined && owner !== bound) return [{ field: scopeField, reason: 'does not exist' }]
  if (owner === null) return []
  const own = store.within(owner)
  const problems: FieldProblem[] = []
  for (const { name, to } of blueprint.scopedRefs) {
    const value = draft[name]
    if (to === undefined || typeof value !== 'string' || value === before?.[name]) continue
    if ((await own.get(to, value)) === undefined) problems.push({ field: name, reason: 'does not exist' })
  }
  return problems
}
