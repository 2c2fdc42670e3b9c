import type { Actor } from '#contract/actor.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Capability, CapabilityAction } from '../../provider/capability.ts'
import type { Field } from '../../schema/module.ts'
import { inputSchema } from '../openapi/field-schema.ts'
import type { JsonObject } from '../openapi/json-schema.ts'
import type { ToolCaller } from './run-tool.ts'

/** The outside services of an instance, as agents may call them. */
export interface Services {
  readonly capabilities: ReadonlyMap<string, Capability>
  readonly mayCall: (actor: Actor) => boolean
  readonly call: (
    call: ToolCaller & {
      readonly capability: string
      readonly action: string
      readonly input: JsonObject
    },
  ) => Promise<Outcome<Readonly<Record<string, unknown>>>>
}

/** One action of a capability, as a tool. */
export interface CapabilityTool {
  readonly name: string
  readonly capability: Capability
  readonly action: CapabilityAction
}

/** `call_weather_now`: a tool for every action of every capability, sorted by name. */
export function capabilityTools(services: Services): ReadonlyMap<string, CapabilityTool> {
  const tools = [...services.capabilities.values()].flatMap((capability) =>
    [...capability.actions.values()].map((action) => ({
      name: `call_${capability.name}_${action.name}`,
      capability,
      action,
    })),
  )
  const sorted = tools.sort((one, other) => (one.name < other.name ? -1 : 1))
  return new Map(sorted.map((tool) => [tool.name, tool]))
}

const isNeeded = ({ isRequired, default: usual }: Field): boolean =>
  isRequired && (usual === undefined || usual === null)

/** A tool as agents are told of it. */
export function describeCapabilityTool({ name, capability, action }: CapabilityTool): JsonObject {
  const required = action.input.filter(isNeeded).map((field) => field.name)
  return {
    name,
    title: `${capability.displayName}: ${action.name.replaceAll('_', ' ')}`,
    description: [action.description, capability.description].filter((text) => text !== '').join('. '),
    inputSchema: {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(action.input.map((field) => [field.name, inputSchema(field)])),
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: action.reads,
      destructiveHint: !action.reads,
      idempotentHint: action.reads || action.isRepeatable,
      openWorldHint: true,
    },
  }
}
