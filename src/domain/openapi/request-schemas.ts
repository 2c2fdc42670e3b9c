import { standaloneSchema } from './bundle-schema.ts'
import type { OpenApiDocument, Operation } from './read-document.ts'
import { type DocumentMap, type Findings, follow, isMap } from './source.ts'

const isJson = (type: string): boolean => /^application\/([a-z0-9.!#$&^_-]+\+)?json\s*(;|$)/i.test(type)

/**
 * What the JSON bodies of operations must be, by method: `{"POST": {"required": true, "schema": {...}}}`; null where none of them says.
 * The schemas stand for themselves, in draft 2020-12.
 */
export function requestSchemas(
  document: OpenApiDocument,
  operations: readonly Operation[],
  findings: Findings,
): Readonly<Record<string, unknown>> | null {
  const schemas: Record<string, unknown> = {}
  for (const { method, value, steps } of operations) {
    const { requestBody } = value as DocumentMap
    if (requestBody === undefined) continue
    const place = { value: requestBody, steps: [...steps, 'requestBody'] }
    const body = follow(document.root, place, findings)
    if (body === undefined) continue
    const content = isMap(body.value) && isMap(body.value['content']) ? body.value['content'] : {}
    const type = Object.keys(content).find(isJson)
    const media = type === undefined ? undefined : content[type]
    if (type === undefined || !isMap(media) || media['schema'] === undefined) {
      findings.notes.push({ steps: body.steps, reason: 'has no schema for JSON, so bodies are not checked' })
      continue
    }
    if (!Object.keys(content).every(isJson)) {
      findings.notes.push({
        steps: body.steps,
        reason: 'takes other types than JSON too, so bodies are not checked',
      })
      continue
    }
    const schemaPlace = { value: media['schema'], steps: [...body.steps, 'content', type, 'schema'] }
    const schema = standaloneSchema(document, schemaPlace, findings)
    const isRequired = isMap(body.value) && body.value['required'] === true
    if (schema !== undefined) schemas[method] = { required: isRequired, schema }
  }
  return Object.keys(schemas).length === 0 ? null : schemas
}
