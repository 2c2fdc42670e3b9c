import type { Refusal } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import type { PlannedRoute, PlannedUpstream } from '#domain/openapi/plan-import.ts'
import type { Invocation } from '#ports/behaviour.ts'

/** One record to write, in its turn. */
export interface Write {
  /** `upstream`, or the name of the route. */
  readonly key: string
  /** For people: which path of the document it comes from. */
  readonly label: string
  readonly call: Invocation
}

/** The key under which the upstream's id is told. */
export const upstreamKey = 'upstream'

/** What has to be written, the upstream first: routes name it, also when it does not exist yet. */
export function writesOf(upstream: PlannedUpstream, routes: readonly PlannedRoute[]): readonly Write[] {
  const writes: Write[] = []
  if (upstream.state !== 'unchanged') {
    const { name, id, baseUrl } = upstream
    const input = { base_url: baseUrl, ...(id === undefined ? { name } : {}) }
    writes.push({ key: upstreamKey, label: `upstream ${name}`, call: written('upstream', id, input) })
  }
  for (const { state, name, id, wanted, differences } of routes) {
    if (wanted === undefined || state === 'unchanged' || state === 'obsolete') continue
    const fields: Readonly<Record<string, unknown>> = { ...wanted.fields }
    const input =
      id === undefined
        ? { ...fields, name, description: wanted.description, upstream_id: upstream.id ?? upstream.name }
        : Object.fromEntries(differences.map((field) => [field, fields[field]]))
    writes.push({ key: name, label: `path ${shortened(wanted.path)}`, call: written('route', id, input) })
  }
  return writes
}

const written = (module: string, id: string | undefined, input: Invocation['input'] & object): Invocation =>
  id === undefined ? { module, action: 'create', input } : { module, action: 'update', id, input }

/** The refusal of one write, in words that say whose it was. */
export function refusedWrite(refusal: Refusal, writes: readonly Write[]): Refusal {
  const index = refusal.details?.['call'] ?? 0
  const write = typeof index === 'number' ? writes[index] : undefined
  if (write === undefined) return refusal
  const { call: _call, ...details } = refusal.details ?? {}
  return {
    ...refusal,
    message: `${write.label}: ${refusal.message}`,
    details: { ...details, at: write.label },
  }
}
