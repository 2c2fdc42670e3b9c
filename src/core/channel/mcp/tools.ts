import type { Action, Module } from '../../schema/module.ts'
import { isReadable } from '../openapi/field-schema.ts'
import type { JsonObject } from '../openapi/json-schema.ts'
import { filterSchema, sortWords } from '../openapi/list-parameters.ts'
import { actionInputSchema } from '../openapi/record-schemas.ts'

/** One action of one module, as a tool for agents. */
export interface Tool {
  readonly name: string
  readonly module: Module
  readonly action: Action
}

const id = {
  type: 'string',
  minLength: 1,
  description: 'The id of the record, or a value of one of its lookup fields',
}

/** `list_plans`, `get_plan`, `suspend_organization`: the names that the API document has, too. */
const toolName = ({ name, plural }: Module, action: Action): string =>
  action.kind === 'list' ? `list_${plural}` : `${action.name}_${name}`

/** A tool for every action that is served, sorted by name. */
export function toolsOf(modules: Iterable<Module>): ReadonlyMap<string, Tool> {
  const tools = [...modules].flatMap((module) =>
    module.channels.http.enabled
      ? [...module.actions.values()]
          .filter((action) => !action.isInternal && module.channels.http.actions.has(action.name))
          .map((action) => ({ name: toolName(module, action), module, action }))
      : [],
  )
  const sorted = tools.sort((one, other) => (one.name < other.name ? -1 : 1))
  return new Map(sorted.map((tool) => [tool.name, tool]))
}

/** A tool as agents are told of it. */
export function describeTool({ name, module, action }: Tool): JsonObject {
  const isReading = action.kind === 'list' || action.kind === 'get'
  return {
    name,
    title: `${module.meta.displayName}: ${action.name.replaceAll('_', ' ')}`,
    description: `${action.description}. ${module.meta.description}`,
    inputSchema: inputSchemaOf(module, action),
    annotations: {
      readOnlyHint: isReading,
      destructiveHint: !isReading && (action.kind === 'delete' || action.confirm),
      idempotentHint: isReading || action.kind === 'update',
      openWorldHint: false,
    },
  }
}

function inputSchemaOf(module: Module, action: Action): JsonObject {
  if (action.kind === 'list') return listSchema(module)
  if (action.kind === 'create') return actionInputSchema(module, action)
  const own =
    action.kind === 'get' || action.kind === 'delete'
      ? { properties: {}, required: [] }
      : actionInputSchema(module, action, action.kind === 'update' ? 'merge' : 'whole')
  const { properties, required } = own as { properties: JsonObject; required?: readonly string[] }
  return {
    type: 'object',
    required: ['id', ...(required ?? [])],
    properties: { id, ...properties },
    additionalProperties: false,
  }
}

function listSchema(module: Module): JsonObject {
  const fields = [...module.fields.values()].filter(isReadable)
  return {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      cursor: { type: 'string', description: '`next_cursor` of the page before' },
      count: { type: 'boolean', description: 'Say how many there are' },
      sort: { type: 'string', enum: sortWords(fields), description: 'A field; with - before it downwards' },
      filter: { ...filterSchema(fields), description: 'Conditions, joined by "and"' },
    },
    additionalProperties: false,
  }
}
