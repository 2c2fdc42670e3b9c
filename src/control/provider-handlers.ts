import type { CallCapability, CapabilityCall } from '#app/providers/call-capability.ts'
import type { ManageProviders } from '#app/providers/manage-providers.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ProviderCatalogue } from '#ports/capability/catalogue.ts'
import type { ControlHandler } from './route-table.ts'

/** What looking after providers needs. */
export interface ProviderDependencies {
  readonly catalogue: ProviderCatalogue
  readonly manageProviders: ManageProviders
  readonly callCapability: CallCapability
}

type Body = Readonly<Record<string, unknown>>

const answered = (outcome: Outcome<unknown>, requestId: string): Response =>
  outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 100 && value.every((one) => typeof one === 'string')

function unknownFields(body: Body, known: readonly string[]): FieldProblem[] {
  return Object.keys(body)
    .filter((field) => !known.includes(field))
    .map((field) => ({ field, reason: 'is not a known field' }))
}

function testOf(body: Body): Outcome<Parameters<ProviderCatalogue['test']>[0]> {
  const problems = unknownFields(body, ['name', 'capabilities'])
  const { name, capabilities } = body
  if (name !== undefined && typeof name !== 'string')
    problems.push({ field: 'name', reason: 'must be a string' })
  if (capabilities !== undefined && !isTexts(capabilities))
    problems.push({ field: 'capabilities', reason: 'must be a list of at most 100 names' })
  if (problems.length > 0) return refuseFields(problems)
  return accept({
    ...(typeof name === 'string' ? { name } : {}),
    ...(isTexts(capabilities) ? { capabilities } : {}),
  })
}

function switchOf(body: Body): Outcome<{ capability: string; provider: string; force: boolean }> {
  const problems = unknownFields(body, ['capability', 'provider', 'force'])
  const { capability, provider, force = false } = body
  if (typeof capability !== 'string') problems.push({ field: 'capability', reason: 'is required' })
  if (typeof provider !== 'string') problems.push({ field: 'provider', reason: 'is required' })
  if (typeof force !== 'boolean') problems.push({ field: 'force', reason: 'must be true or false' })
  if (problems.length > 0) return refuseFields(problems)
  return accept({ capability: String(capability), provider: String(provider), force: force === true })
}

function callOf(body: Body): Outcome<CapabilityCall> {
  const problems = unknownFields(body, ['capability', 'action', 'input', 'provider'])
  const { capability, action, input = {}, provider } = body
  if (typeof capability !== 'string') problems.push({ field: 'capability', reason: 'is required' })
  if (typeof action !== 'string') problems.push({ field: 'action', reason: 'is required' })
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    problems.push({ field: 'input', reason: 'must be an object' })
  if (provider !== undefined && typeof provider !== 'string')
    problems.push({ field: 'provider', reason: 'must be a string' })
  if (problems.length > 0) return refuseFields(problems)
  return accept({
    capability: String(capability),
    action: String(action),
    input: input as CapabilityCall['input'],
    ...(typeof provider === 'string' ? { provider } : {}),
  })
}

/** Looking at, testing, calling, switching and switching off providers, by their rule. */
export function providerHandlers({
  catalogue,
  manageProviders,
  callCapability,
}: ProviderDependencies): Readonly<Record<string, ControlHandler>> {
  const enabling =
    (isEnabled: boolean): ControlHandler =>
    async ({ parameters, actor, requestId }) => {
      const name = parameters['name'] ?? ''
      return answered(await manageProviders.setEnabled({ name, isEnabled, actor, requestId }), requestId)
    }
  return {
    'GET /admin/providers': async () => dataAnswer(await catalogue.list()),
    'GET /admin/providers/:name': async ({ parameters, requestId }) =>
      answered(await catalogue.find(parameters['name'] ?? ''), requestId),
    'POST /admin/providers/test': async ({ request, requestId }) => {
      const body = await readBody(request)
      const asked = body.ok ? testOf(body.value) : body
      return answered(asked.ok ? await catalogue.test(asked.value) : asked, requestId)
    },
    'POST /admin/providers/call': async ({ request, actor, requestId }) => {
      const body = await readBody(request)
      const asked = body.ok ? callOf(body.value) : body
      return answered(
        asked.ok ? await callCapability({ ...asked.value, actor, requestId }) : asked,
        requestId,
      )
    },
    'POST /admin/providers/switch': async ({ request, actor, requestId }) => {
      const body = await readBody(request)
      const asked = body.ok ? switchOf(body.value) : body
      if (!asked.ok) return refusalAnswer(asked, requestId)
      return answered(await manageProviders.switchTo({ ...asked.value, actor, requestId }), requestId)
    },
    'POST /admin/providers/:name/enable': enabling(true),
    'POST /admin/providers/:name/disable': enabling(false),
  }
}
