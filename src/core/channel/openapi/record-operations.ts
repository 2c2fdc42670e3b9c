import type { Action, Module } from '../../schema/module.ts'
import type { RecordOperation } from '../http/channel-route.ts'
import { readSchema } from './field-schema.ts'
import { type JsonObject, reference } from './json-schema.ts'
import { listParameters } from './list-parameters.ts'
import { type DescribedAnswer, type DescribedOperation, enveloped } from './operation.ts'
import { inputExample, recordExample, schemaName } from './record-schemas.ts'

type IdPrefixOf = (module: string) => string | undefined

const parameter = (name: string): JsonObject => reference('parameters', name)
const versionHeaders = { ETag: reference('headers', 'ETag') }
const postHeaders = { ...versionHeaders, 'Idempotent-Replayed': reference('headers', 'IdempotentReplayed') }

/** The name of the schema that an action takes, undefined when it takes nothing. */
export function inputSchemaName(module: Module, action: Action, mode: 'whole' | 'merge'): string {
  const word = action.kind === 'update' ? (mode === 'whole' ? 'replace' : 'update') : action.name
  return `${schemaName(module.name)}${schemaName(word)}`
}

/** One address of a module in words, under the id given, which tells two addresses of one action apart. */
export function recordOperation(
  operation: RecordOperation,
  id: string,
  idPrefixOf: IdPrefixOf,
): DescribedOperation {
  const { module, action } = operation
  const common = {
    tag: module.meta.displayPlural,
    id,
    summary: action.description,
  }
  const record = enveloped(reference('schemas', schemaName(module.name)))
  const example = { success: true, data: recordExample(module, idPrefixOf) }
  const shown = { description: 'The record', schema: record, example }
  const body = bodyOf(operation, idPrefixOf)
  switch (action.kind) {
    case 'list':
      return {
        ...common,
        parameters: listParameters(module),
        answers: { 200: listAnswer(module, example.data) },
      }
    case 'get':
      return {
        ...common,
        parameters: [parameter('Id'), parameter('IfNoneMatch')],
        answers: { 200: { ...shown, headers: versionHeaders }, 304: { description: 'Not changed since' } },
        errors: ['not_found', 'conflict'],
      }
    case 'create':
      return {
        ...common,
        parameters: [parameter('IdempotencyKey')],
        body,
        answers: { 201: madeAnswer(module, action, example.data) },
        errors: ['permission_denied', 'not_found', 'conflict', 'idempotency_mismatch', 'rate_limit_exceeded'],
      }
    case 'update':
      return {
        ...common,
        ...(operation.method === 'PUT' ? { summary: 'Replace a record', description: replaceText } : {}),
        parameters: [parameter('Id'), parameter('IfMatch')],
        body,
        answers: { 200: { ...shown, headers: versionHeaders } },
        errors: ['permission_denied', 'not_found', 'conflict', 'precondition_failed'],
      }
    case 'delete':
      return {
        ...common,
        parameters: [parameter('Id'), parameter('IfMatch')],
        answers: { 204: { description: 'Gone' } },
        errors: ['permission_denied', 'not_found', 'conflict', 'precondition_failed', 'validation_error'],
      }
    case 'custom':
      return {
        ...common,
        parameters: [parameter('Id'), parameter('IfMatch'), parameter('IdempotencyKey')],
        body,
        answers: { 200: { ...revealing(module, action, example.data), headers: postHeaders } },
        errors: ['permission_denied', 'not_found', 'conflict', 'precondition_failed', 'idempotency_mismatch'],
      }
  }
}

const replaceText =
  'What is not given goes back to its default, except secrets, what only can be written, and what decides about a standing or a role: ' +
  'those stay as they are.'

/** What an address of a module is called: `list_plans`, `get_plan`, `replace_plan`, `suspend_organization`. */
export function recordOperationId({ module, action, method }: RecordOperation): string {
  if (action.kind === 'list') return `list_${module.plural}`
  if (action.kind === 'update') return `${method === 'PUT' ? 'replace' : 'update'}_${module.name}`
  return `${action.name}_${module.name}`
}

function bodyOf(
  { module, action, method }: RecordOperation,
  idPrefixOf: IdPrefixOf,
): NonNullable<DescribedOperation['body']> {
  const mode = method === 'PUT' || action.kind !== 'update' ? 'whole' : 'merge'
  const schema = reference('schemas', inputSchemaName(module, action, mode))
  return {
    content: { 'application/json': schema },
    example: inputExample(module, action, mode, idPrefixOf),
    isRequired: action.kind === 'create' || action.kind === 'update',
  }
}

function listAnswer(module: Module, example: JsonObject): DescribedAnswer {
  const items = { type: 'array', items: reference('schemas', schemaName(module.name)) }
  const meta = { limit: 20, has_more: false, next_cursor: null }
  return {
    description: 'One page',
    schema: enveloped(items, reference('schemas', 'ListMeta')),
    example: { success: true, data: [example], meta },
  }
}

function madeAnswer(module: Module, action: Action, example: JsonObject): DescribedAnswer {
  const headers = { ...postHeaders, Location: reference('headers', 'Location') }
  return { ...revealing(module, action, example), description: 'Made', headers }
}

/** A record, with what the action shows this once beside its fields. */
function revealing(module: Module, action: Action, example: JsonObject): DescribedAnswer {
  const record = reference('schemas', schemaName(module.name))
  const once = Object.fromEntries(action.output.map((field) => [field.name, readSchema(field)]))
  const schema =
    action.output.length === 0
      ? record
      : { allOf: [record, { type: 'object', properties: once, description: 'Shown this once' }] }
  return { description: 'The record', schema: enveloped(schema), example: { success: true, data: example } }
}
