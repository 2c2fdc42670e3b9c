import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ConsumedApi, ConsumedMethod } from '../../schema/consume-document.ts'
import { parsePath, valueAt } from './json-path.ts'
import { evaluate } from './mapping.ts'
import { fillText, type Scope, scalarText } from './template.ts'

/** A request that is ready but for its credentials. */
export interface BuiltRequest {
  readonly method: ConsumedMethod['method']
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const headerValue = /^[\t\x20-\x7e]*$/
const hostPart = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/
const mostUrlCharacters = 16_384

const wrong = (field: string, reason: string) =>
  refuse('validation_error', `${field} ${reason}`, { field, reason })

/** The address that the paths of an API begin with. A value inside of it can only be a part of a host name; alone it is the whole. */
function baseUrl(base: string, scope: Scope): URL {
  const isWhole = /^\$\{[^}]+\}$/.test(base)
  const text = fillText(base, scope, (value) => {
    if (isWhole || hostPart.test(value)) return value
    throw new Fault('service_unavailable', 'a value in the base address is no part of a host name')
  })
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new Fault('service_unavailable', 'the base address is not an http or https address')
  if (url.search !== '' || url.hash !== '')
    throw new Fault('service_unavailable', 'the base address has a query or a fragment')
  return url
}

function pathOf(template: string, input: unknown, scope: Scope): Outcome<string> {
  // Nothing but the base address: a slash at its end would be another one.
  if (template === '') return accept('')
  const segments: string[] = []
  for (const part of template.split('/').slice(1)) {
    let missing: string | undefined
    const named = part.replaceAll(/(?<!\$)\{([^}]*)\}/g, (_match, name: string) => {
      const value = scalarText(valueAt(input, parsePath(name) ?? []))
      if (value === undefined || value === '') missing = name
      return encodeURIComponent(value?.toWellFormed() ?? '')
    })
    if (missing !== undefined) return wrong(missing, 'is needed in the address')
    const filled = fillText(named, scope, (value) => encodeURIComponent(value.toWellFormed()))
    if (filled === undefined)
      throw new Fault('service_unavailable', 'a value of the address is not configured')
    // Dots alone would climb out of the place that the path names, also when they are written as %2e.
    if (part !== filled && /^(?:\.|%2e){1,2}$/i.test(filled))
      return wrong('path', 'cannot have "." as a part')
    segments.push(filled)
  }
  return accept(`/${segments.join('/')}`)
}

function* queryEntries(
  query: ConsumedMethod['query'],
  input: unknown,
  scope: Scope,
): Generator<[string, string]> {
  for (const [name, mapping] of Object.entries(query ?? {})) {
    const value = evaluate(mapping, { data: input, scope })
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const text = scalarText(one)
      if (text !== undefined) yield [name, text]
    }
  }
}

/** `a[b]=c` for what is nested, as most services that take forms read it. */
function formEntries(value: unknown, name: string, entries: [string, string][]): void {
  const text = scalarText(value)
  if (text !== undefined) entries.push([name, text])
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value))
      formEntries(part, name === '' ? key : `${name}[${key}]`, entries)
  }
}

function bodyOf(
  given: ConsumedMethod,
  input: unknown,
  scope: Scope,
): { type: string; text: string } | undefined {
  if (given.map === undefined) return undefined
  const value = evaluate(given.map, { data: input, scope }) ?? {}
  if (given.body !== 'form') return { type: 'application/json', text: JSON.stringify(value) }
  const entries: [string, string][] = []
  formEntries(value, '', entries)
  return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(entries).toString() }
}

/** A header whose value cannot end it and begin another one. */
export function checkHeader(name: string, value: string): Outcome<string> {
  return headerValue.test(value) ? accept(value) : wrong(name, 'has characters that a header cannot carry')
}

/**
 * The request that a method describes for an input. Every value is encoded for its place: a part of the path, of the query, a header, a
 * JSON or form value.
 */
export function buildRequest(
  api: ConsumedApi,
  given: ConsumedMethod,
  input: Readonly<Record<string, unknown>>,
  scope: Scope,
): Outcome<BuiltRequest> {
  const base = baseUrl(api.base, scope)
  const path = pathOf(given.path, input, scope)
  if (!path.ok) return path
  const url = new URL(base.origin)
  url.pathname = base.pathname.replace(/\/+$/, '') + path.value
  for (const [name, text] of queryEntries(given.query, input, scope)) url.searchParams.append(name, text)
  if (url.href.length > mostUrlCharacters) return wrong('path', 'makes the address too long')
  const headers: Record<string, string> = { accept: 'application/json' }
  for (const [name, template] of Object.entries({ ...api.headers, ...given.headers })) {
    const value = fillText(template, scope)
    if (value === undefined) continue
    const checked = checkHeader(name, value)
    if (!checked.ok) return checked
    headers[name.toLowerCase()] = checked.value
  }
  const body = bodyOf(given, input, scope)
  if (body !== undefined) headers['content-type'] = body.type
  return accept({ method: given.method, url, headers, body: body?.text })
}
