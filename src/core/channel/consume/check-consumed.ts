import type { ErrorCode } from '#contract/errors.ts'
import { errors } from '#contract/errors.ts'
import type { ConsumedApi, ConsumedMethod } from '../../schema/consume-document.ts'
import type { Path } from '../../schema/source.ts'
import { hint } from '../../schema/suggest.ts'
import { parsePath } from './json-path.ts'
import { parseExpressions, templateNames } from './mapping.ts'
import { namesIn, parseTemplate } from './template.ts'

interface Mistake {
  readonly path: Path
  readonly message: string
}

/** What templates may name: fields of the module (anything that can be looked up by name). */
interface Names {
  has(name: string): boolean
  keys(): Iterable<string>
}

const signatureNames = new Set(['method', 'path', 'body', 'timestamp', 'host', 'signature'])
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const ownHeaders =
  /^(host|content-length|transfer-encoding|connection|expect|upgrade|te|trailer|keep-alive)$/i

function* name(path: Path, word: string, fields: Names, extra?: ReadonlySet<string>): Generator<Mistake> {
  if (extra?.has(word) === true || word.startsWith('input.')) return
  if (/^[A-Z][A-Z0-9_]*$/.test(word)) {
    if (word.startsWith('APIGATE_'))
      yield { path, message: `\${${word}} is the product's own; give the value to a field instead` }
  } else if (!fields.has(word)) {
    yield { path, message: `\${${word}} is no field of this module${hint(word, fields.keys())}` }
  }
}

function* template(
  path: Path,
  text: string | undefined,
  fields: Names,
  extra?: ReadonlySet<string>,
): Generator<Mistake> {
  if (text === undefined) return
  const parsed = parseTemplate(text)
  if (parsed === undefined) yield { path, message: 'has a "${" that is not "${field}" or "${VARIABLE}"' }
  else for (const word of namesIn(parsed)) yield* name(path, word, fields, extra)
}

function* mapping(path: Path, value: unknown, fields: Names): Generator<Mistake> {
  if (typeof value === 'string') {
    const expressions = parseExpressions(value)
    if (expressions === undefined)
      yield { path, message: `"${value}" is no path; write a.b[0], "=a literal" or "\${field}"` }
    else for (const word of templateNames(expressions)) yield* name(path, word, fields)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value))
      yield* mapping([...path, Array.isArray(value) ? Number(key) : key], part, fields)
  }
}

function* headers(path: Path, given: ConsumedApi['headers'], fields: Names): Generator<Mistake> {
  for (const [header, text] of Object.entries(given ?? {})) {
    if (!headerName.test(header) || ownHeaders.test(header))
      yield { path: [...path, header], message: 'is not a header that can be set; remove it' }
    yield* template([...path, header], text, fields)
  }
}

const needed = {
  none: [],
  bearer: ['bearer'],
  basic: ['username', 'password'],
  header: ['header', 'value'],
  hmac: ['header', 'secret'],
} as const

function* auth(given: ConsumedApi['auth'], fields: Names): Generator<Mistake> {
  if (given === undefined) return
  for (const key of needed[given.type])
    if (given[key] === undefined) yield { path: ['auth'], message: `${given.type} needs "${key}:"` }
  const { type, payload, algorithm, encoding, header, timestamp_header, value, ...texts } = given
  for (const [key, text] of Object.entries(texts)) yield* template(['auth', key], text, fields)
  const extra = type === 'hmac' ? signatureNames : undefined
  yield* template(['auth', 'value'], value, fields, extra)
  yield* template(['auth', 'payload'], payload, fields, extra)
  for (const [key, text] of Object.entries({ header, timestamp_header })) {
    if (text !== undefined && (!headerName.test(text) || ownHeaders.test(text)))
      yield { path: ['auth', key], message: `"${text}" is not a header that can be set` }
  }
}

function* pathText(path: Path, text: string, fields: Names): Generator<Mistake> {
  if ((text !== '' && !text.startsWith('/')) || /[?#\s\\]/.test(text))
    yield {
      path,
      message: 'must begin with / and have no "?"; parameters go to "query". "" is the base address itself',
    }
  const inputs = text.replaceAll(/\$\{[^}]*\}/g, '')
  for (const [, input = ''] of inputs.matchAll(/\{([^{}]*)\}/g))
    if (parsePath(input) === undefined) yield { path, message: `"{${input}}" names no input; write {name}` }
  if (/[{}]/.test(inputs.replaceAll(/\{[^{}]*\}/g, '')))
    yield { path, message: 'has a brace without its other one; write {name}' }
  yield* template(path, text, fields)
}

function* pages({ pagination, response }: ConsumedMethod): Generator<Mistake> {
  if (pagination === undefined) return
  if (response?.items === undefined)
    yield { path: ['pagination'], message: 'needs "response.items": where in an answer the list is' }
  if (pagination.type !== 'link' && pagination.parameter === undefined)
    yield { path: ['pagination'], message: 'needs "parameter:", the query parameter that names the page' }
  if (pagination.type === 'cursor' && pagination.next === undefined)
    yield { path: ['pagination'], message: 'needs "next:", where in an answer the next cursor is' }
  for (const key of ['next', 'more'] as const) {
    const text = pagination[key]
    if (text !== undefined && parsePath(text) === undefined)
      yield { path: ['pagination', key], message: `"${text}" is no path; write it like meta.next_cursor` }
  }
}

function* method(given: ConsumedMethod, fields: Names): Generator<Mistake> {
  yield* pathText(['path'], given.path, fields)
  yield* headers(['headers'], given.headers, fields)
  yield* mapping(['query'], given.query ?? {}, fields)
  yield* mapping(['map'], given.map ?? {}, fields)
  if (given.map !== undefined && (given.method === 'GET' || given.method === 'HEAD'))
    yield { path: ['map'], message: `${given.method} sends no body; use "query"` }
  yield* mapping(['response', 'set'], given.response?.set ?? {}, fields)
  yield* mapping(['response', 'map'], given.response?.map ?? {}, fields)
  for (const key of ['items', 'error'] as const) {
    const text = given.response?.[key]
    if (text !== undefined && parsePath(text) === undefined)
      yield { path: ['response', key], message: `"${text}" is no path; write it like data.items` }
  }
  if (given.idempotency_header !== undefined && !headerName.test(given.idempotency_header))
    yield { path: ['idempotency_header'], message: 'is not the name of a header' }
  for (const [status, code] of Object.entries(given.errors ?? {})) {
    if (!/^[45][0-9][0-9]$/.test(status))
      yield { path: ['errors', status], message: 'must be a status from 400 to 599' }
    if (!Object.hasOwn(errors, code as ErrorCode))
      yield { path: ['errors', status], message: `unknown error "${code}"${hint(code, Object.keys(errors))}` }
  }
  yield* pages(given)
}

/** What in a consumed API could not work, with its place below the API and how to mend it. */
export function* checkConsumedApi(api: ConsumedApi, fields: Names): Generator<Mistake> {
  yield* template(['base'], api.base, fields)
  if (!/^(https?:\/\/|\$\{)/.test(api.base))
    yield { path: ['base'], message: 'must be an http or https address, or a field that holds one' }
  yield* auth(api.auth, fields)
  yield* headers(['headers'], api.headers, fields)
  for (const [methodName, given] of Object.entries(api.methods))
    for (const { path, message } of method(given, fields))
      yield { path: ['methods', methodName, ...path], message }
}
