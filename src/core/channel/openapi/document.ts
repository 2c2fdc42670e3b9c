import { Fault } from '#contract/outcome.ts'
import type { Module } from '../../schema/module.ts'
import type { ChannelRoute, RecordOperation } from '../http/channel-route.ts'
import { errorResponses, errorSchema } from './error-schemas.ts'
import { type JsonObject, reference } from './json-schema.ts'
import { type DescribedOperation, operationEntry, type Security } from './operation.ts'
import { inputSchemaName, recordOperation, recordOperationId } from './record-operations.ts'
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

/** An operation of the document before it is written out, which is most of the work. */
interface NamedOperation {
  readonly route: DocumentedRoute
  readonly id: string
  describe(): DescribedOperation
}

/** The operations of the addresses given; throws when an address has no description, or two operations one id. */
export function nameOperations(parts: DocumentParts): readonly NamedOperation[] {
  const ids = new Set<string>()
  const first = parts.routes.filter(({ operation }) => operation?.isNamed !== true)
  const named = parts.routes.filter(({ operation }) => operation?.isNamed === true)
  return [...first, ...named]
    .filter(({ operation, isAlias }) => operation?.isAlias !== true && isAlias !== true)
    .map((route) => {
      const operation = nameOperation(route, parts, ids)
      if (ids.has(operation.id))
        throw new Fault('internal_error', `two operations are called ${operation.id}`)
      ids.add(operation.id)
      return operation
    })
}

/** The OpenAPI 3.1 document of the addresses given, without second names of an address; throws as `nameOperations` does. */
export function openApiDocument(parts: DocumentParts): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {}
  const tags = new Map<string, string>()
  const used: RecordOperation[] = []
  for (const { route, describe } of nameOperations(parts)) {
    const operation = describe()
    if (route.operation !== undefined) used.push(route.operation)
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
      schemas: { Error: errorSchema, ...schemas, ...recordSchemas(used, prefixesOf(parts)) },
      responses: errorResponses(),
    },
  }
}

const prefixesOf =
  ({ modules }: DocumentParts) =>
  (name: string): string | undefined =>
    modules.get(name)?.idPrefix

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

function nameOperation(
  route: DocumentedRoute,
  parts: DocumentParts,
  ids: ReadonlySet<string>,
): NamedOperation {
  const { method, path, operation, described: brought } = route
  if (operation !== undefined) {
    const plain = recordOperationId(operation)
    const id = ids.has(plain) ? `${plain}_${idOf(method, path)}` : plain
    return { route, id, describe: () => recordOperation(operation, id, prefixesOf(parts)) }
  }
  if (brought !== undefined) return { route, id: brought.id, describe: () => brought }
  const address = `${method} ${path}`
  const own = Object.hasOwn(parts.described, address) ? parts.described[address] : undefined
  if (own === undefined)
    throw new Fault('internal_error', `"${address}" is not described for the API document`)
  return { route, id: own.id, describe: () => withPathParameters(own, path) }
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
