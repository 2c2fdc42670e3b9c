import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { readBytes, textOf } from './read-text.ts'
import { parseObject } from './strict-json.ts'

const mostBytes = 1024 * 1024
const jsonType = /^application\/(?:[a-z0-9!#$&^_.-]+\+)?json$/

/** Takes in a request's JSON object, at most 1 MiB of it; no body at all counts as `{}`. */
export async function readBody(request: Request): Promise<Outcome<Record<string, unknown>>> {
  const bytes = await readBytes(request, mostBytes)
  if (!bytes.ok) return bytes
  if (bytes.value.length === 0) return accept({})
  const [type = ''] = (request.headers.get('content-type') ?? '').toLowerCase().split(';')
  if (!jsonType.test(type.trim()))
    return refuse('invalid_request', 'A body needs the Content-Type application/json')
  const text = textOf(bytes.value, request.headers)
  return text.ok ? parseObject(text.value) : text
}
