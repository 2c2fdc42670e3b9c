import { parseBoundedJson } from '#domain/transform/bounded-json.ts'
import { codingOf, decodeWhole } from '../measure/content-coding.ts'
import { Broken, failureOf, type TransformFailure } from './evaluate.ts'

/** Most bytes of a body that a transform may hold, coded or plain. */
export const mostHeldBytes = 1024 * 1024

/** Holds a body until it is complete. */
export interface HeldBody {
  /** False when it has become larger than may be held: then nothing of it is kept. */
  add(chunk: Buffer): boolean
  readonly isTooLarge: boolean
  take(): Buffer
}

/** An empty body, to be filled. */
export function holdBody(mostBytes = mostHeldBytes): HeldBody {
  const chunks: Buffer[] = []
  let bytes = 0
  return {
    add(chunk) {
      bytes += chunk.length
      if (bytes <= mostBytes) chunks.push(chunk)
      else chunks.length = 0
      return bytes <= mostBytes
    },
    get isTooLarge() {
      return bytes > mostBytes
    },
    take: () => Buffer.concat(chunks),
  }
}

/**
 * The plain bytes of a held body, for a transform. `then` is called within this call where the body is not compressed, and
 * gets a failure when the body is too large or its coding cannot be read.
 */
export function plainBody(
  held: HeldBody,
  contentEncoding: string | undefined,
  field: 'request_transform' | 'response_transform',
  then: (plain: { readonly ok: true; readonly body: Buffer } | TransformFailure) => void,
  mostBytes = mostHeldBytes,
): void {
  const fail = (reason: string): void => then(failureOf(new Broken(reason), field))
  const coding = codingOf(contentEncoding)
  if (held.isTooLarge) fail(`the body is larger than ${mostBytes} bytes`)
  else if (coding === undefined) fail('the content coding of the body cannot be read')
  else
    decodeWhole(held.take(), coding, mostBytes, (body) => {
      if (body === undefined) fail(`the body is not of its content coding, or larger than ${mostBytes} bytes`)
      else then({ ok: true, body })
    })
}

/** The body as expressions see it: its JSON, null where it is empty. */
export function jsonBody(body: Buffer | null): unknown {
  if (body === null || body.length === 0) return null
  const parsed = parseBoundedJson(body.toString('utf8'))
  if (parsed.ok) return parsed.value
  throw new Broken(parsed.reason === 'not_json' ? 'the body is not JSON' : 'the body holds too many values')
}
