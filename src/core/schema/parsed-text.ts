import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { threadId } from 'node:worker_threads'
import { type Document, LineCounter, parseDocument, visit } from 'yaml'
import manifest from 'yaml/package.json' with { type: 'json' }

/** What is wrong with a text, and how far into it (UTF-16 units). */
export interface TextProblem {
  readonly offset: number
  readonly message: string
}

export type Parsed = { readonly data: unknown } | { readonly problems: readonly TextProblem[] }

/** A text with the places in it: for messages, and what makes reading YAML dear. */
export interface PlacedText {
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

export function parseWithPlaces(text: string): PlacedText {
  const lines = new LineCounter()
  return { document: parseDocument(text, { lineCounter: lines }), lines }
}

/** Where the last alias stands: the one that is not resolved, or the one with which there are too many. */
function lastAliasOf(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_key, alias) {
      offset = alias.range?.[0] ?? offset
    },
  })
  return offset
}

function parse(text: string): Parsed {
  const { document } = parseWithPlaces(text)
  // A tag that means nothing here is only a warning to the parser.
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0) {
    const problems = wrong.map(({ message, pos }) => ({
      offset: pos[0],
      message: (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
    }))
    return { problems }
  }
  try {
    return { data: document.toJS() }
  } catch (error) {
    const message = `${(error as Error).message}; write the value out`
    return { problems: [{ offset: lastAliasOf(document), message }] }
  }
}

/** Beyond this, what earlier versions of files said is forgotten. */
const mostKeptBytes = 4 * 1024 * 1024
const fileName = `parsed-yaml-${manifest.version}`

/** What texts say, as JSON by their hash. */
type Kept = ReadonlyMap<string, string>

/** What earlier processes found texts to say; a line each, beside the code that Node keeps compiled. */
function readKept(folder: string | undefined): Kept {
  try {
    const text = folder === undefined ? '' : readFileSync(join(folder, fileName), 'utf8')
    return new Map(text.split('\n').map((line) => [line.slice(0, 44), line.slice(44)]))
  } catch {
    return new Map()
  }
}

/** A file that was cut off when the machine went down ends somewhere in a line. */
function wholeJson(json: string | undefined): string | undefined {
  try {
    JSON.parse(json ?? '')
    return json
  } catch {
    return undefined
  }
}

/** Never fails: it only makes the next start quicker. */
function writeKept(folder: string, kept: Kept): void {
  const own = join(folder, `${fileName}-${process.pid}-${threadId}`)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(own, [...kept].map(([hash, json]) => `${hash}${json}`).join('\n'), { mode: 0o600 })
    renameSync(own, join(folder, fileName))
  } catch {
    rmSync(own, { force: true })
  }
}

const used = new Map<string, string>()
let kept: Kept | undefined
let isNew = false

/** What a YAML text says, read as such once and by its hash from then on, also by later processes. */
export function parseOnce(text: string): Parsed {
  const hash = createHash('sha256').update(text).digest('base64')
  kept ??= readKept(getCompileCacheDir())
  const known = used.get(hash) ?? wholeJson(kept.get(hash))
  if (known !== undefined) {
    used.set(hash, known)
    return { data: JSON.parse(known) }
  }
  const parsed = parse(text)
  if (!('data' in parsed)) return parsed
  const json = JSON.stringify(parsed.data)
  // Not all that YAML can say can be said in JSON.
  if (json !== undefined && isDeepStrictEqual(JSON.parse(json), parsed.data)) {
    used.set(hash, json)
    isNew = true
  }
  return parsed
}

/** To be called when a set of files has been read. */
export function keepParsed(): void {
  const folder = getCompileCacheDir()
  if (!isNew || folder === undefined) return
  isNew = false
  const all = new Map([...(kept ?? []), ...used])
  const bytes = [...all.values()].reduce((sum, json) => sum + json.length, 0)
  writeKept(folder, bytes > mostKeptBytes ? used : all)
}
