import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { html, type Markup } from '../markup.ts'
import { code } from '../site-page.ts'
import { type DocsSection, table } from './docs-page.ts'
import { resolved, schemaTable } from './schema-table.ts'

/** An operation of a document, with everything that its path says for it. */
interface Operation {
  readonly path: string
  readonly methods: readonly string[]
  readonly entry: JsonObject
  readonly parameters: readonly JsonObject[]
}

/** How a document is shown. */
interface ReferenceOptions {
  /** Whether requests can be tried from the page: only where the API answers at the page's own address. */
  readonly canTry: boolean
  /** Where it answers. */
  readonly url: string
  /** The title for operations without a tag. */
  readonly untagged: string
}

/** The parts of a reference made from an OpenAPI document, one for each tag. */
export function referenceSections(document: JsonObject, options: ReferenceOptions): readonly DocsSection[] {
  const known = made.get(document)
  if (known?.url === options.url) return known.sections
  const sections = makeSections(document, options)
  made.set(document, { url: options.url, sections })
  return sections
}

/** A large document is written out once for those who ask under one address, not for every reader. */
const made = new WeakMap<JsonObject, { readonly url: string; readonly sections: readonly DocsSection[] }>()

function makeSections(document: JsonObject, options: ReferenceOptions): readonly DocsSection[] {
  const byTag = Map.groupBy(operationsOf(document), ({ entry }) => tagOf(entry) ?? options.untagged)
  // The document may declare an order of its groups; those that it does not name are as their paths.
  const declared = listOf(document['tags']).map((tag) => String((tag as JsonObject)['name']))
  const order = [...new Set([...declared, ...byTag.keys()])]
  return order.flatMap((tag) => {
    const operations = byTag.get(tag)
    if (operations === undefined) return []
    const body = html`${operations.map((operation) => operationBox(document, operation, options))}`
    return [{ id: idOf(tag), title: tag, body }]
  })
}

const idOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const tagOf = ({ tags }: JsonObject): string | undefined =>
  Array.isArray(tags) && typeof tags[0] === 'string' ? tags[0] : undefined

/** A route for any method is told as that. */
const mostNamed = 5
const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** Methods of one path that say the same (a route for any method) are one operation. */
function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(document['paths'] as Record<string, JsonObject>).flatMap(([path, item]) => {
    const entries = verbs.flatMap((verb) => {
      const entry = item[verb] as JsonObject | undefined
      return entry === undefined ? [] : [{ verb, entry }]
    })
    const alike = Map.groupBy(entries, ({ entry }) => JSON.stringify({ ...entry, operationId: '' }))
    return [...alike.values()].flatMap((same) => {
      const entry = same[0]?.entry
      if (entry === undefined) return []
      const parameters = [...listOf(item['parameters']), ...listOf(entry['parameters'])].flatMap((one) => {
        const parameter = resolved(document, one)
        return parameter === undefined ? [] : [parameter]
      })
      return [{ path, methods: same.map(({ verb }) => verb.toUpperCase()), entry, parameters }]
    })
  })
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function operationBox(document: JsonObject, operation: Operation, options: ReferenceOptions): Markup {
  const { path, methods, entry, parameters } = operation
  return html`<details class="operation" id="${String(entry['operationId'])}">
<summary><code class="method">${methods.length >= mostNamed ? 'ANY' : methods.join(' ')}</code> <code>${path}</code> <span>${String(entry['summary'] ?? '')}</span></summary>
<div>
${typeof entry['description'] === 'string' ? html`<p>${entry['description']}</p>` : undefined}
<p class="quiet">${accessText(entry)}</p>
${parameterTable(document, parameters)}
${bodyPart(document, entry)}
<h4>Example</h4>
${code('sh', exampleCall(document, operation, options.url))}
${answerParts(document, entry)}
${options.canTry ? methods.slice(0, 1).map((method) => tryForm(document, operation, method)) : undefined}
</div>
</details>`
}

const openAccess = 'Open: needs no credentials.'
const keyAccess = 'Needs an API key.'

function accessText({ security }: JsonObject): string {
  const ways = listOf(security)
  if (ways.length === 0) return openAccess
  const names = ways.flatMap((way) => Object.keys(way as JsonObject))
  return names.some((name) => name === 'bearer' || name === 'header') ? keyAccess : 'Needs a sign-in.'
}

function parameterTable(document: JsonObject, parameters: readonly JsonObject[]): Markup | undefined {
  if (parameters.length === 0) return undefined
  return html`<h4>Parameters</h4>${table(
    ['Name', 'In', ''],
    parameters.map((parameter) => [
      html`<code>${String(parameter['name'])}</code>`,
      String(parameter['in']),
      String(parameter['description'] ?? resolved(document, parameter['schema'])?.['description'] ?? ''),
    ]),
  )}`
}

const jsonOf = (holder: unknown): JsonObject | undefined =>
  ((holder as JsonObject | undefined)?.['content'] as JsonObject | undefined)?.['application/json'] as
    | JsonObject
    | undefined

function bodyPart(document: JsonObject, entry: JsonObject): Markup | undefined {
  const body = jsonOf(resolved(document, entry['requestBody']))
  if (body === undefined) return undefined
  return html`<h4>Body</h4>${schemaTable(document, body['schema'])}
${body['example'] === undefined ? undefined : code('JSON', JSON.stringify(body['example'], null, 2))}`
}

/** What a success says, with its data; refusals by their status alone, as they all look alike. */
function answerParts(document: JsonObject, entry: JsonObject): Markup {
  const answers = Object.entries((entry['responses'] ?? {}) as Record<string, unknown>)
  const refusals = answers.filter(([status]) => /^[45]/.test(status))
  return html`<h4>Answers</h4>
${answers
  .filter(([status]) => !/^[45]/.test(status))
  .map(([status, value]) => {
    const answer = resolved(document, value) ?? {}
    const schema = resolved(document, jsonOf(answer)?.['schema'])
    const data = (schema?.['properties'] as JsonObject | undefined)?.['data'] ?? schema
    const items = resolved(document, data)?.['items']
    return html`<p><code>${status === 'default' ? '2xx' : status}</code> ${String(answer['description'] ?? '')}</p>
${data === undefined ? undefined : schemaTable(document, items ?? data)}`
  })}
<p class="quiet">Refusals: ${refusals.map(([status]) => status).join(', ')}. They look as <a href="/docs/errors">Errors</a> says.</p>`
}

/** A call of an operation, to be copied. */
function exampleCall(document: JsonObject, { path, methods, entry }: Operation, url: string): string {
  const [method = 'GET'] = methods
  const body = jsonOf(resolved(document, entry['requestBody']))?.['example']
  const access = accessText(entry)
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} "${url}${path}"`,
    ...(access === openAccess
      ? []
      : [`  -H "Authorization: Bearer ${access === keyAccess ? 'YOUR_KEY' : 'YOUR_TOKEN'}"`]),
    ...(body === undefined
      ? []
      : ['  -H "Content-Type: application/json"', `  -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
  ].join(' \\\n')
}

/** A request from the page itself; it appears where scripts run. */
function tryForm(document: JsonObject, { path, entry, parameters }: Operation, method: string): Markup {
  const names = parameters.filter((one) => one['in'] === 'path').map((one) => String(one['name']))
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const example = jsonOf(resolved(document, entry['requestBody']))?.['example']
  return html`<form class="try" data-method="${method}" data-path="${path}" hidden>
${accessText(entry) === openAccess ? undefined : keyField}
${names.map((name) => html`<label>${name}<input name="path-${name}" required autocomplete="off"></label>`)}
<label>Query<input name="query" placeholder="name=value" autocomplete="off"></label>
${hasBody ? html`<label>Body<textarea name="body" rows="4">${example === undefined ? '' : JSON.stringify(example, null, 2)}</textarea></label>` : undefined}
<button type="submit">Send ${method}</button>
<output aria-live="polite"></output>
</form>`
}

/** A key to try with: one that the reader has, or one that is made for an hour under the account that is signed in. */
const keyField = html`<label>API key<input name="api-key" type="password" autocomplete="off" placeholder="ak_…"></label>
<p class="own"><button type="button" class="quiet own-key">Use a key of my account</button> <span role="status"></span></p>`
