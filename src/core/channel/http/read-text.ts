import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'

/** Takes in a request's body as bytes, at most `mostBytes` of them; no body at all is empty. */
export async function readBytes(request: Request, mostBytes: number): Promise<Outcome<Uint8Array>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > mostBytes) return tooLarge(mostBytes)
  if (request.body === null) return accept(new Uint8Array())
  const parts: Uint8Array[] = []
  let length = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return accept(Buffer.concat(parts))
    length += value.byteLength
    if (length > mostBytes) {
      await reader.cancel()
      return tooLarge(mostBytes)
    }
    parts.push(value)
  }
}

const tooLarge = (mostBytes: number): Refusal =>
  refuse('payload_too_large', `The body is larger than ${mostBytes} bytes`, { max_bytes: mostBytes })

/** Bytes as UTF-8 text; anything else, also a coded body, is refused. */
export function textOf(bytes: Uint8Array, headers: Headers): Outcome<string> {
  const charset = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    return refuse('invalid_request', 'The body must be UTF-8')
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity')
    return refuse('invalid_request', 'The body must come without a Content-Encoding')
  try {
    return accept(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refuse('invalid_request', 'The body is not valid UTF-8')
  }
}
