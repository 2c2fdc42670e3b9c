import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A file of the pages as it is sent. */
export interface BuiltFile {
  readonly type: string
  readonly body: Buffer
  /** The same, compressed; undefined where that saves nothing. */
  readonly zipped: Buffer | undefined
}

/** What `npm run build` made of `web/`. */
export interface BuiltPages {
  /** The HTML of an application (`ui`, `portal`); undefined when it was not built. */
  html(application: string): string | undefined
  /** A file below `/assets/`, by its name there; undefined when there is none. */
  file(name: string): BuiltFile | undefined
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Reads a folder's list once; only names on it are ever opened, each once. */
export function openBuiltPages(folder: URL): BuiltPages {
  const names = new Set(namesIn(folder))
  const files = new Map<string, BuiltFile>()
  const pages = new Map<string, string>()
  return {
    html(application) {
      const name = `${application}.html`
      if (!names.has(name)) return undefined
      const text = pages.get(name) ?? readFileSync(new URL(name, folder), 'utf8')
      pages.set(name, text)
      return text
    },
    file(name) {
      const type = types[name.split('.').pop() ?? '']
      if (type === undefined || !names.has(name)) return undefined
      const file = files.get(name) ?? readFile(new URL(name, folder), type)
      files.set(name, file)
      return file
    },
  }
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readFile(place: URL, type: string): BuiltFile {
  const body = readFileSync(place)
  const zipped = body.length > 1_000 && type !== 'font/woff2' ? gzipSync(body, { level: 9 }) : undefined
  return { type, body, zipped }
}
