import { accept, Fault, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { ProviderWatch } from '#ports/capability/provider-watch.ts'
import type { Log } from '#ports/log.ts'
import type { Capability, CapabilityAction } from './capability.ts'
import type { ProviderInstances } from './instances.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { notReady, type ResolvedProvider } from './resolve.ts'

type Values = Readonly<Record<string, unknown>>

/** One action of a capability with its checks. */
interface Prepared {
  readonly action: CapabilityAction
  readonly input: Parameters
  readonly output: Parameters
}

/** Calls actions of capabilities on the providers that they are resolved to. */
export type CallAction = (
  capability: Capability,
  action: string,
  input: Values,
  resolve: () => Promise<Outcome<ResolvedProvider>>,
) => Promise<Outcome<Values>>

/** The checks of every action, made once. */
function prepareActions(capabilities: Iterable<Capability>): ReadonlyMap<CapabilityAction, Prepared> {
  const prepared = new Map<CapabilityAction, Prepared>()
  for (const capability of capabilities) {
    for (const action of capability.actions.values()) {
      const [input, output] = [createParameters(action.input), createParameters(action.output)]
      prepared.set(action, { action, input, output })
    }
  }
  return prepared
}

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && (value as { ok?: unknown }).ok === false

/** Refusals of a provider that say nothing of how it is. */
const harmless = new Set(['disabled', 'not_configured', 'not_offered', 'running'])

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Makes the one way to call a provider: input checked, the action run, its output checked, whatever the provider is made of. What a
 * provider throws is logged and answered as `service_unavailable`.
 */
export function createCallAction(deps: {
  readonly capabilities: Iterable<Capability>
  readonly instances: ProviderInstances
  readonly log: Log
  readonly watch: ProviderWatch
}): CallAction {
  const prepared = prepareActions(deps.capabilities)

  const run = async (one: Prepared, resolved: ResolvedProvider, input: Values): Promise<Outcome<unknown>> => {
    const capability = resolved.capability.name
    const provider = resolved.shortName
    const { name } = one.action
    try {
      return await deps.instances.use(resolved, async ({ actions }) => {
        const work = Object.hasOwn(actions, name) ? actions[name] : undefined
        if (work !== undefined) return work.call(actions, input)
        const details = { capability, provider, reason: 'not_offered' }
        return refuse(
          'service_unavailable',
          `The ${capability} provider ${provider} does not offer ${name}`,
          details,
        )
      })
    } catch (error) {
      deps.log.error({ error, capability, provider, action: name }, 'a provider failed')
      const reason = error instanceof Fault ? error.code : 'failed'
      const details = { capability, provider, reason }
      // Our own words say what is to be done; those of others can hold secrets.
      const why = error instanceof Fault ? `: ${error.message}` : ''
      return refuse('service_unavailable', `The ${capability} provider ${provider} failed${why}`, details)
    }
  }

  /** One that calls another, which is down, is not down itself. */
  async function note(facts: { capability: string; provider: string }, outcome: unknown): Promise<void> {
    if (!isRefusal(outcome) || outcome.code !== 'service_unavailable') return deps.watch.worked(facts)
    const { reason, capability = facts.capability } = outcome.details ?? {}
    if (capability === facts.capability && !harmless.has(String(reason)))
      await deps.watch.failed(facts, outcome.message)
  }

  return async (capability, name, input, resolve) => {
    const action = capability.actions.get(name)
    const one = action === undefined ? undefined : prepared.get(action)
    if (one === undefined) throw new Fault('internal_error', `${capability.name} has no action ${name}`)
    const parsed = one.input.parse(input)
    if (parsed.problems.length > 0) return refuseFields(parsed.problems)
    const resolved = await resolve()
    if (!resolved.ok) return resolved
    const refusal = notReady(resolved.value)
    if (refusal !== undefined) return refusal
    const facts = { capability: capability.name, provider: resolved.value.shortName }
    const outcome = await run(one, resolved.value, parsed.values)
    await note(facts, outcome)
    if (isRefusal(outcome)) return { ...outcome, details: { ...outcome.details, ...facts } }
    const answer = isObject(outcome) && 'value' in outcome ? outcome.value : undefined
    const answered = one.output.parseAnswer(isObject(answer) ? answer : {})
    const [problem] = answered.problems
    if (problem === undefined) return accept(answered.values)
    deps.log.error({ ...facts, action: name, problems: answered.problems }, 'a provider answered nonsense')
    const message = `The ${facts.capability} provider ${facts.provider} answered without a proper ${problem.field}`
    return refuse('service_unavailable', message, { ...facts, reason: 'malformed' })
  }
}
