import { createUsageCollector, type TokenUsage } from '#domain/metering/token-usage.ts'
import { parseBoundedJson } from '#domain/transform/bounded-json.ts'
import type { Metering } from '#ports/route-plans.ts'
import { createEventReader, createJsonLinesReader, type DocumentReader } from './event-lines.ts'

/** What an answer's body has told, for the metering expression. */
export interface Seen {
  /** Undefined when the body is not JSON, or larger than is kept. */
  readonly body: unknown
  readonly usage: TokenUsage | undefined
  readonly problem: 'not_json' | 'too_large' | undefined
}

/** Watches a plain body pass, with bounded memory. */
export interface BodyWatch {
  /** False when nothing more can be learned. */
  take(chunk: Buffer): boolean
  seen(): Seen
}

const usageMember = /"usage"\s*:\s*\{/

/** The watch that fits the type of an answer: documents of a stream one by one, any other body as a whole. */
export function watchBody(plan: Metering, contentType: string | undefined, mostBytes: number): BodyWatch {
  const type = (contentType ?? '').toLowerCase()
  if (type.startsWith('text/event-stream')) return watchStream(plan, createEventReader)
  if (/^application\/(x-ndjson|jsonl|json-lines|x-jsonlines)\b/.test(type))
    return watchStream(plan, createJsonLinesReader)
  return watchWhole(mostBytes)
}

function watchWhole(mostBytes: number): BodyWatch {
  const chunks: Buffer[] = []
  let bytes = 0
  return {
    take(chunk) {
      bytes += chunk.length
      if (bytes <= mostBytes) chunks.push(chunk)
      else chunks.length = 0
      return bytes <= mostBytes
    },
    seen() {
      if (bytes > mostBytes) return { body: undefined, usage: undefined, problem: 'too_large' }
      const parsed = parseBoundedJson(Buffer.concat(chunks).toString('utf8'))
      if (!parsed.ok) return { body: undefined, usage: undefined, problem: parsed.reason }
      const collector = createUsageCollector()
      collector.absorb(parsed.value)
      return { body: parsed.value, usage: collector.usage(), problem: undefined }
    },
  }
}

/**
 * Watches documents pass. `body` becomes the last one that holds the counted field; where the expression is not just a field,
 * the last one that told usage, else the last one.
 */
function watchStream(
  plan: Metering,
  createReader: (onDocument: (text: string) => void) => DocumentReader,
): BodyWatch {
  const collector = createUsageCollector()
  const { fieldPath } = plan
  const field = fieldPath?.findLast((step) => !/^\d+$/.test(step))
  let last = ''
  let telling = ''
  let holding: unknown
  const reader = createReader((text) => {
    if (text === '[DONE]') return
    last = text
    const mayTell = usageMember.test(text)
    const mayHold = field !== undefined && text.includes(`"${field}"`)
    if (!mayTell && !mayHold) return
    const parsed = parseBoundedJson(text)
    if (!parsed.ok) return
    if (mayTell && collector.absorb(parsed.value)) telling = text
    if (mayHold && fieldPath !== null && valueAt(parsed.value, fieldPath) !== undefined)
      holding = parsed.value
  })
  return {
    take(chunk) {
      reader.write(chunk)
      return true
    },
    seen() {
      reader.end()
      const usage = collector.usage()
      if (fieldPath !== null) return { body: holding, usage, problem: undefined }
      if (plan.program?.usesBody !== true) return { body: undefined, usage, problem: undefined }
      const parsed = parseBoundedJson(telling === '' ? last : telling)
      if (!parsed.ok) return { body: undefined, usage, problem: parsed.reason }
      return { body: parsed.value, usage, problem: undefined }
    },
  }
}

/** The value at a path, where it is there and not null. */
function valueAt(document: unknown, path: readonly string[]): unknown {
  let value: unknown = document
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value ?? undefined
}
