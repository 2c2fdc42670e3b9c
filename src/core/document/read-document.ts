import { Worker } from 'node:worker_threads'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import { isTooDeep, type ParsedYaml, placeKey } from './parse-yaml.ts'

/** A document of names, values and lists, with the way back to its text. */
export interface ReadDocument {
  readonly data: unknown
  /** The line of the nearest place that exists; undefined for JSON, where a pointer is as good. */
  lineOf(steps: readonly (string | number)[]): number | undefined
}

/** The longest text that is read as a document. */
export const mostDocumentBytes = 2 * 1024 * 1024

const timeoutMs = 10_000

/**
 * Reads JSON (what begins with a brace) or YAML 1.2. Refuses what is longer than 2 MiB, malformed, ambiguous (a name twice), nested
 * absurdly deep, grows absurdly by its aliases, or takes too long; says in which line. Nothing but the text is read.
 */
export async function readDocument(
  text: string,
  limits: { readonly timeoutMs: number } = { timeoutMs },
): Promise<Outcome<ReadDocument>> {
  if (Buffer.byteLength(text) > mostDocumentBytes)
    return refuse('payload_too_large', `The document is larger than ${mostDocumentBytes} bytes`, {
      max_bytes: mostDocumentBytes,
    })
  const plain = text.replace(/^\uFEFF/, '')
  return /^\s*\{/.test(plain) ? readJson(plain) : readYaml(plain, limits.timeoutMs)
}

function no(reason: string, line?: number): Refusal {
  const where = line === undefined ? '' : ` (line ${line})`
  const details = { field: 'document', reason, ...(line === undefined ? {} : { line }) }
  return refuse('validation_error', `The document ${reason}${where}`, details)
}

function readJson(text: string): Outcome<ReadDocument> {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const position = /at position (\d+)/.exec(reason)?.[1]
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length
    return no(`is not valid JSON: ${reason.replace(/( in JSON)? at position.*$|, "?\.*".*$/s, '')}`, line)
  }
  return isTooDeep(data) ? no('is nested too deep') : accept({ data, lineOf: () => undefined })
}

async function readYaml(text: string, mostMs: number): Promise<Outcome<ReadDocument>> {
  const parsed = await parseAside(text, mostMs)
  if (parsed === undefined) return no('takes too much time or memory to read')
  if (!parsed.ok) return no(parsed.reason, parsed.line)
  const { data, lines } = parsed
  return accept({
    data,
    lineOf(steps) {
      for (let length = steps.length; length >= 0; length--) {
        const line = lines.get(placeKey(steps.slice(0, length)))
        if (line !== undefined) return line
      }
      return undefined
    },
  })
}

/** Parses in a thread of its own; undefined when it takes more time or memory than there is. */
async function parseAside(text: string, mostMs: number): Promise<ParsedYaml | undefined> {
  const worker = new Worker(new URL('./yaml-thread.ts', import.meta.url), {
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => resolve(undefined), mostMs)
      worker.once('message', resolve)
      worker.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(undefined) : reject(error),
      )
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
