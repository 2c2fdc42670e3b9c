import { type DocumentMap, type Findings, follow, isMap, type Place } from './source.ts'

/** One operation of a path. */
export interface Operation extends Place {
  /** Upper case. */
  readonly method: string
  readonly operationId: string | undefined
  readonly summary: string | undefined
  /** True when the document says that it needs no credentials. */
  readonly isOpen: boolean
}

/** One path with what can be done there, in a fixed order of methods. */
export interface DocumentPath extends Place {
  /** As the document writes it. */
  readonly path: string
  readonly operations: readonly Operation[]
}

/** What the import reads of an OpenAPI document. */
export interface OpenApiDocument {
  readonly root: DocumentMap
  /** 3.0 writes schemas differently from 3.1. */
  readonly edition: '3.0' | '3.1'
  readonly title: string
  readonly version: string | undefined
  readonly paths: readonly DocumentPath[]
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace']
const besideMethods = new Set(['$ref', 'summary', 'description', 'servers', 'parameters'])
const mostPaths = 1_000

/** Reads a document; undefined after problems were noted. */
export function readOpenApi(data: unknown, findings: Findings): OpenApiDocument | undefined {
  const { problems } = findings
  if (!isMap(data)) {
    problems.push({
      steps: [],
      reason: 'is no OpenAPI document: it must be a map with openapi, info and paths',
    })
    return undefined
  }
  const edition = editionOf(data, findings)
  const info = isMap(data['info']) ? data['info'] : {}
  const { title, version } = info
  if (typeof title !== 'string' || title.trim() === '')
    problems.push({ steps: ['info', 'title'], reason: 'is missing' })
  const paths = readPaths(data, findings)
  if (problems.length > 0 || edition === undefined) return undefined
  return {
    root: data,
    edition,
    title: String(title).trim(),
    version: version === undefined ? undefined : String(version),
    paths,
  }
}

function editionOf(data: DocumentMap, { problems }: Findings): OpenApiDocument['edition'] | undefined {
  const { openapi, swagger } = data
  const edition = /^(3\.[01])(\.\d+)?(-.+)?$/.exec(String(openapi))?.[1]
  if (edition === '3.0' || edition === '3.1') return edition
  if (swagger !== undefined)
    problems.push({
      steps: ['swagger'],
      reason: 'is of Swagger 2: convert the document to OpenAPI 3.0 or 3.1',
    })
  else if (openapi === undefined) problems.push({ steps: ['openapi'], reason: 'is missing: 3.0.x or 3.1.x' })
  else problems.push({ steps: ['openapi'], reason: `must be 3.0.x or 3.1.x, not ${String(openapi)}` })
  return undefined
}

function readPaths(root: DocumentMap, findings: Findings): DocumentPath[] {
  const { paths } = root
  const entries = isMap(paths) ? Object.entries(paths).filter(([path]) => !path.startsWith('x-')) : []
  if (entries.length === 0)
    findings.problems.push({ steps: ['paths'], reason: 'is missing or holds no path' })
  if (entries.length > mostPaths) {
    findings.problems.push({ steps: ['paths'], reason: `holds more than ${mostPaths} paths` })
    return []
  }
  const shapes = new Map<string, string>()
  const seenIds = new Set<string>()
  return entries.flatMap(([path, value]) => {
    const steps = ['paths', path]
    const shape = path.replace(/\{[^}]*\}/g, '{}')
    const twin = shapes.get(shape)
    if (twin !== undefined)
      findings.problems.push({ steps, reason: `means the same requests as the path ${twin}` })
    shapes.set(shape, path)
    const item = follow(root, { value, steps }, findings)
    if (item === undefined) return []
    if (!isMap(item.value)) {
      findings.problems.push({ steps, reason: 'must be a map of methods' })
      return []
    }
    const operations = readOperations(root, item.value, item, findings, seenIds)
    if (operations.length > 0) return [{ path, value: item.value, steps, operations }]
    findings.notes.push({ steps, reason: 'has no operation, so no route is made' })
    return []
  })
}

function readOperations(
  root: DocumentMap,
  item: DocumentMap,
  place: Place,
  findings: Findings,
  seenIds: Set<string>,
): Operation[] {
  const { problems, notes } = findings
  for (const name of Object.keys(item))
    if (!methods.includes(name) && !besideMethods.has(name) && !name.startsWith('x-'))
      problems.push({ steps: [...place.steps, name], reason: 'is neither a method nor a part of a path' })
  if (item['servers'] !== undefined)
    notes.push({
      steps: [...place.steps, 'servers'],
      reason: 'is not followed: one import makes one upstream',
    })
  return methods.flatMap((name) => {
    const value = item[name]
    if (value === undefined) return []
    const steps = [...place.steps, name]
    if (!isMap(value)) {
      problems.push({ steps, reason: 'must be a map' })
      return []
    }
    if (name === 'trace') {
      notes.push({ steps, reason: 'is left out: TRACE is never forwarded' })
      return []
    }
    if (value['servers'] !== undefined)
      notes.push({ steps: [...steps, 'servers'], reason: 'is not followed: one import makes one upstream' })
    return [readOperation(root, name, { value, steps }, findings, seenIds)]
  })
}

function readOperation(
  root: DocumentMap,
  name: string,
  place: Place,
  { problems }: Findings,
  seenIds: Set<string>,
): Operation {
  const { operationId, summary, security = root['security'] } = place.value as DocumentMap
  const id = typeof operationId === 'string' ? operationId : undefined
  if (id !== undefined && seenIds.has(id))
    problems.push({ steps: [...place.steps, 'operationId'], reason: `stands twice: ${id}` })
  if (id !== undefined) seenIds.add(id)
  if (security !== undefined && !Array.isArray(security))
    problems.push({ steps: [...place.steps, 'security'], reason: 'must be a list' })
  return {
    ...place,
    method: name.toUpperCase(),
    operationId: id,
    summary: typeof summary === 'string' ? summary : undefined,
    isOpen: Array.isArray(security) && security.length === 0,
  }
}
