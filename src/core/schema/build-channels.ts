import type { ModuleDocument } from './document.ts'
import type { Action, Field, HookStep, HttpEndpoint, Module } from './module.ts'
import type { Path, Source } from './source.ts'
import { hint } from './suggest.ts'

const mostColumns = 6

/** What a list shows when the YAML does not say: the id, the first fields that people can read, and the age. */
function defaultColumns(fields: ReadonlyMap<string, Field>): readonly string[] {
  const readable = [...fields.values()].filter(
    ({ isImplicit, isInternal, isWriteOnly, type }) =>
      !isImplicit && !isInternal && !isWriteOnly && !['secret', 'json', 'bytes'].includes(type.name),
  )
  return ['id', ...readable.slice(0, mostColumns - 2).map(({ name }) => name), 'created_at']
}

function checkAction(source: Source, path: Path, name: string, actions: ReadonlyMap<string, Action>): void {
  const action = actions.get(name)
  if (action === undefined) source.report(path, `unknown action "${name}"${hint(name, actions.keys())}`)
  else if (action.isInternal) source.report(path, `"${name}" is internal and cannot be served; remove it`)
}

function buildCli(
  source: Source,
  document: ModuleDocument,
  plural: string,
  fields: ReadonlyMap<string, Field>,
  actions: ReadonlyMap<string, Action>,
): Module['channels']['cli'] {
  const serve = document.channels?.cli?.serve
  const path = ['channels', 'cli', 'serve']
  const command = serve?.command ?? plural.replaceAll('_', '-')
  if (!/^[a-z][a-z0-9_-]*$/.test(command)) {
    source.report([...path, 'command'], 'must be lower-case letters, digits and -, beginning with a letter')
  }
  let columns: readonly string[] | undefined
  for (const [index, entry] of (serve?.commands ?? []).entries()) {
    checkAction(source, [...path, 'commands', index, 'action'], entry.action, actions)
    if (entry.action === 'list') columns = entry.columns
    for (const [at, column] of (entry.columns ?? []).entries()) {
      const place = [...path, 'commands', index, 'columns', at]
      const field = fields.get(column)
      if (field === undefined) source.report(place, `unknown field "${column}"${hint(column, fields.keys())}`)
      else if (field.isInternal || field.isWriteOnly || field.type.name === 'secret') {
        source.report(place, `"${column}" is never shown; remove it`)
      }
    }
  }
  return { enabled: serve?.enabled ?? true, command, columns: columns ?? defaultColumns(fields) }
}

function buildHttp(
  source: Source,
  document: ModuleDocument,
  plural: string,
  actions: ReadonlyMap<string, Action>,
): Module['channels']['http'] {
  const serve = document.channels?.http?.serve
  const path = ['channels', 'http', 'serve']
  const basePath = serve?.base_path ?? `/api/${plural}`
  if (!/^\/api(?:\/[a-z0-9_-]+)+$/.test(basePath)) {
    source.report([...path, 'base_path'], 'must be a path below /api, for example /api/things')
  }
  const endpoints = (serve?.endpoints ?? []).map((endpoint, index) => {
    checkAction(source, [...path, 'endpoints', index, 'action'], endpoint.action, actions)
    const built = { ...endpoint, path: endpoint.path.replace(':id', '{id}') }
    const problem = endpointProblem(built, actions.get(endpoint.action))
    if (problem !== undefined) source.report([...path, 'endpoints', index, problem.key], problem.message)
    return built
  })
  const served = [...actions.values()].filter(({ isInternal }) => !isInternal).map(({ name }) => name)
  return {
    enabled: serve?.enabled ?? true,
    basePath,
    actions: new Set(serve?.endpoints?.map(({ action }) => action) ?? served),
    endpoints,
    consume: document.channels?.http?.consume ?? {},
  }
}

/** What is wrong with an address: reading is for GET, writing is not, and a record is named where the action needs one. */
function endpointProblem(
  { method, path }: HttpEndpoint,
  action: Action | undefined,
): { readonly key: 'method' | 'path'; readonly message: string } | undefined {
  if (!/^\/$|^(\/(\{id\}|[a-z0-9_-]+))+$/.test(path))
    return { key: 'path', message: 'must be / or words and {id} between slashes, for example /{id}/archive' }
  if (action === undefined) return undefined
  const isReading = action.kind === 'list' || action.kind === 'get'
  if (isReading !== (method === 'GET'))
    return {
      key: 'method',
      message: isReading ? `${action.name} reads: use GET` : `${action.name} writes: not GET`,
    }
  const needsRecord = action.kind !== 'list' && action.kind !== 'create'
  if (needsRecord === path.includes('{id}')) return undefined
  return { key: 'path', message: needsRecord ? 'needs {id}: the action works on a record' : 'takes no {id}' }
}

function buildWebsocket(
  source: Source,
  document: ModuleDocument,
  name: string,
  actions: ReadonlyMap<string, Action>,
  hooks: ReadonlyMap<string, readonly HookStep[]>,
): Module['channels']['websocket'] {
  const serve = document.channels?.websocket?.serve
  const custom = [...actions.values()].filter(({ kind }) => kind === 'custom').map((action) => action.name)
  const emitted = [...hooks.values()].flat().flatMap((step) => (step.kind === 'emit' ? [step.event] : []))
  const known = ['created', 'updated', 'deleted', ...custom]
  for (const [index, event] of (serve?.events ?? []).entries()) {
    if (known.includes(event) || emitted.includes(event) || emitted.includes(`${name}.${event}`)) continue
    source.report(
      ['channels', 'websocket', 'serve', 'events', index],
      `unknown event "${event}"${hint(event, [...known, ...emitted])}`,
    )
  }
  return {
    enabled: serve?.enabled ?? true,
    path: serve?.path ?? `/ws/${name}`,
    // What hooks emit under another name, `api_key.revoked`, is news of the record as well.
    events: serve?.events ?? [...known, ...emitted],
  }
}

/** How the module is reached from outside; everything is served unless the YAML says otherwise. */
export function buildChannels(
  source: Source,
  document: ModuleDocument,
  parts: Pick<Module, 'name' | 'plural' | 'fields' | 'actions' | 'hooks'>,
): Module['channels'] {
  return {
    http: buildHttp(source, document, parts.plural, parts.actions),
    cli: buildCli(source, document, parts.plural, parts.fields, parts.actions),
    websocket: buildWebsocket(source, document, parts.name, parts.actions, parts.hooks),
  }
}
