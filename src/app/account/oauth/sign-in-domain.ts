import type { Actor } from '#contract/actor.ts'
import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { SignInDomainRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { ReadTxt } from '#ports/read-txt.ts'
import type { Records } from '#ports/records.ts'

const proofPrefix = 'apigate-domain='
const unknown = refuse('not_found', 'No such sign-in domain')
const taken = refuse('conflict', 'Another organization has proven this domain', {
  field: 'domain',
  reason: 'belongs to another organization',
})

/** Where the proof of a domain has to stand. */
const proofName = (domain: string): string => `_apigate.${domain}`

/** before sign_in_domain.create: what its owner has to put into the DNS. */
export const beginDomain: Behaviour = ({ input, ids }) => {
  input['proof'] = proofPrefix + ids.randomHex(16)
  return undefined
}

/** before sign_in_domain.prove and .approve: one domain is one organization's at a time. */
export const keepDomainUnique: Behaviour = async ({ id, before, everywhere: { records } }) => {
  const where = [{ field: 'domain', op: 'eq', value: before?.['domain'] }] as const
  for await (const other of records.each('sign_in_domain', where))
    if (other.id !== id && other.proven_at !== null) return taken
  return undefined
}

/** Looks into the DNS whether a domain is its organization's; once proven it stays so. */
export type ProveDomain = (
  actor: Extract<Actor, { kind: 'member' }>,
  id: string,
  requestId: string,
) => Promise<Outcome<SignInDomainRow>>

/** The DNS is asked before the write, so that no transaction waits for it. */
export function createProveDomain(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly readTxt: ReadTxt
}): ProveDomain {
  const { records } = deps
  return async ({ id: userId, organizationId }, id, requestId) => {
    const row = await records.get('sign_in_domain', id)
    if (row?.organization_id !== organizationId) return unknown
    if (row.proven_at !== null) return accept(row)
    const found = await deps.readTxt(proofName(row.domain))
    if (row.proof === null || !found.some((text) => text.trim() === row.proof))
      return refuse('conflict', `There is no TXT record ${proofName(row.domain)} with the proof yet`, {
        field: 'proof',
        name: proofName(row.domain),
        value: row.proof,
      })
    const onBehalfOf = { kind: 'member', id: userId }
    const call = { actor: systemActor, onBehalfOf, requestId, module: 'sign_in_domain', action: 'prove', id }
    const outcome = await deps.invoke(call)
    if (!outcome.ok) return outcome
    const proven = await records.get('sign_in_domain', id)
    return proven === undefined ? unknown : accept(proven)
  }
}
