import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { parseObject } from './strict-json.ts'

const mostBytes = 1024 * 1024
const jsonType = /^application\/(?:[a-z0-9!#$&^_.-]+\+)?json$/
const tooLarge = refuse('payload_too_large', `The body is larger than ${mostBytes} bytes`, {
  max_bytes: mostBytes,
})

/** Takes in a request's JSON object, at most 1 MiB of it; no body at all counts as `{}`. */
export async function readBody(request: Request): Promise<Outcome<Record<string, unknown>>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > mostBytes) return tooLarge
  const bytes = await readBytes(request)
  if (bytes === undefined) return tooLarge
  if (bytes.length === 0) return accept({})
  const problem = headProblem(request.headers)
  if (problem !== undefined) return refuse('invalid_request', problem)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('invalid_request', 'The body is not valid UTF-8')
  }
  return parseObject(text)
}

function headProblem(headers: Headers): string | undefined {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  if (!jsonType.test(type.trim())) return 'A body needs the Content-Type application/json'
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) return 'The body must be UTF-8'
  const encoding = headers.get('content-encoding') ?? 'identity'
  return encoding === 'identity' ? undefined : 'The body must come without a Content-Encoding'
}

async function readBytes(request: Request): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let length = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(parts)
    length += value.byteLength
    if (length > mostBytes) {
      await reader.cancel()
      return undefined
    }
    parts.push(value)
  }
}
