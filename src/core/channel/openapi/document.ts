import { Fault } from '#contract/outcome.ts'
import type { Module } from '../../schema/module.ts'
import type { ChannelRoute, RecordOperation } from '../http/channel-route.ts'
import { errorResponses, errorSchema } from './error-schemas.ts'
import { type JsonObject, reference } from './json-schema.ts'
import { type DescribedOperation, operationEntry, type Security } from './operation.ts'
import { inputSchemaName, recordOperation } from './record-operations.ts'
import { actionInputSchema, recordSchema, schemaName } from './record-schemas.ts'
import { sharedParts } from './shared-parts.ts'

/** An address that answers, as the document needs it. */
export interface DocumentedRoute
  extends Pick<ChannelRoute, 'method' | 'path' | 'operation' | 'described' | 'isAlias'> {
  readonly security: Security
}

/** What a document is made of. */
export interface DocumentParts {
  readonly version: string
  readonly routes: readonly DocumentedRoute[]
  /** By `METHOD /path`: every address that is not made from a module. */
  readonly described: Readonly<Record<string, DescribedOperation>>
  readonly modules: ReadonlyMap<string, Module>
}

const introduction =
  'Success is `{"success": true, "data": ...}`, every error `{"success": false, "error": {"type", "code", "message", ...}}`. ' +
  'Every address of a module also answers under its singular name.'

/** A path as OpenAPI writes it. */
export const documentPath = (path: string): string => path.replaceAll(/:([A-Za-z_]+)/g, '{$1}')

/**
 * The OpenAPI 3.1 document of the addresses given. Second names of an address are left out; throws when an address has no
 * description, or two operations one id.
 */
export function openApiDocument(parts: DocumentParts): JsonObject {
  const idPrefixOf = (name: string): string | undefined => parts.modules.get(name)?.idPrefix
  const paths: Record<string, Record<string, JsonObject>> = {}
  const tags = new Map<string, string>()
  const used = new Map<string, RecordOperation>()
  const ids = new Set<string>()
  const first = parts.routes.filter(({ operation }) => operation?.isNamed !== true)
  const named = parts.routes.filter(({ operation }) => operation?.isNamed === true)
  for (const route of [...first, ...named]) {
    if (route.operation?.isAlias === true || route.isAlias === true) continue
    const operation = describe(route, parts.described, ids, idPrefixOf)
    if (ids.has(operation.id)) throw new Fault('internal_error', `two operations are called ${operation.id}`)
    ids.add(operation.id)
    if (route.operation !== undefined) used.set(operation.id, route.operation)
    tags.set(operation.tag, route.operation?.module.meta.description ?? tags.get(operation.tag) ?? '')
    const at = documentPath(route.path)
    paths[at] = { ...paths[at], [route.method.toLowerCase()]: operationEntry(operation, route.security) }
  }
  const { schemas, ...components } = sharedParts
  return {
    openapi: '3.1.1',
    info: { title: 'APIGate', version: parts.version, description: introduction, license },
    servers: [{ url: '/' }],
    tags: [...tags].map(([name, description]) => (description === '' ? { name } : { name, description })),
    paths,
    components: {
      ...components,
      schemas: { Error: errorSchema, ...schemas, ...recordSchemas([...used.values()], idPrefixOf) },
      responses: errorResponses(),
    },
  }
}

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

function describe(
  { method, path, operation, described: brought }: DocumentedRoute,
  described: DocumentParts['described'],
  ids: ReadonlySet<string>,
  idPrefixOf: (module: string) => string | undefined,
): DescribedOperation {
  if (operation !== undefined) {
    const plain = recordOperation(operation, '', idPrefixOf)
    return ids.has(plain.id) ? recordOperation(operation, `_${idOf(method, path)}`, idPrefixOf) : plain
  }
  if (brought !== undefined) return brought
  const address = `${method} ${path}`
  const own = Object.hasOwn(described, address) ? described[address] : undefined
  if (own === undefined)
    throw new Fault('internal_error', `"${address}" is not described for the API document`)
  return withPathParameters(own, path)
}

const idOf = (method: string, path: string): string =>
  `${method.toLowerCase()}_${path}`.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')

function withPathParameters(operation: DescribedOperation, path: string): DescribedOperation {
  const names = [...path.matchAll(/:([A-Za-z_]+)/g)].map(([, name]) => name)
  if (names.length === 0) return operation
  const own = names.map((name) =>
    name === 'id'
      ? reference('parameters', 'Id')
      : { name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } },
  )
  return { ...operation, parameters: [...own, ...(operation.parameters ?? [])] }
}

function recordSchemas(
  operations: readonly RecordOperation[],
  idPrefixOf: (module: string) => string | undefined,
): Readonly<Record<string, JsonObject>> {
  const schemas: Record<string, JsonObject> = {}
  for (const { module, action, method } of operations) {
    schemas[schemaName(module.name)] ??= recordSchema(module, idPrefixOf)
    if (action.kind !== 'create' && action.kind !== 'update' && action.kind !== 'custom') continue
    const mode = method === 'PUT' || action.kind !== 'update' ? 'whole' : 'merge'
    schemas[inputSchemaName(module, action, mode)] ??= actionInputSchema(module, action, mode)
  }
  return schemas
}
