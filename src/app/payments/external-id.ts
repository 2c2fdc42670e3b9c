import type { Refusal } from '#contract/outcome.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import type { MappedEntity } from './dependencies.ts'

/** Moves what a provider calls a new record out of the record and into provider_mapping, in the same transaction. */
export async function handOverExternalId(
  { input, id, everywhere }: BehaviourContext,
  entity: MappedEntity,
): Promise<Refusal | undefined> {
  const { external_id: externalId, provider } = input
  input['external_id'] = null
  if (typeof externalId !== 'string') return undefined
  const mapped = await everywhere.invoke({
    module: 'provider_mapping',
    action: 'create',
    input: { provider, entity_type: entity, local_id: id, external_id: externalId },
  })
  return mapped.ok ? undefined : mapped
}
