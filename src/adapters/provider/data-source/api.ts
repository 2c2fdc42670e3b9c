import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions, ProviderHost } from '#ports/capability/provider.ts'
import type { OutboundAnswer } from '#ports/outbound-http.ts'
import type { DataRow } from './row-order.ts'
import { type StreamSource, streamActions } from './stream-source.ts'

const tableForm = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/
const mostAnswerBytes = 20 * 1024 * 1024
/** What was read may be used again for so long: an API has no sign that says whether its rows are others. */
const freshMs = 60_000

interface ApiConfig {
  readonly base_url: string
  readonly token?: string
  readonly items: string
  readonly pagination: 'none' | 'page' | 'cursor' | 'link'
  readonly page_parameter: string
  readonly next: string
  readonly size_parameter?: string
  readonly size: number
  readonly since_parameter?: string
  readonly most_pages: number
  readonly timeout_ms: number
}

type Page = {
  readonly body: unknown
  readonly answer: OutboundAnswer
  readonly url: URL
  readonly number: number
}

/** Rows that an API lists. All pages are read, as many as allowed; a list that would have to be cut is an error. */
export function createApiSource(): OpenProviderCode<ProviderActions<'data_source'>> {
  return (host) => {
    const config = host.config as unknown as ApiConfig
    return { actions: streamActions(createLists(host, config)) }
  }
}

function createLists({ http, allowsPrivate, clock }: ProviderHost, config: ApiConfig): StreamSource {
  const ask = async (url: URL): Promise<Pick<Page, 'body' | 'answer'>> => {
    const result = await http({
      method: 'GET',
      url,
      headers: {
        accept: 'application/json',
        ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }),
      },
      timeoutMs: config.timeout_ms,
      mostResponseBytes: mostAnswerBytes,
      allowsPrivate,
    })
    if (!result.ok) throw new Fault('service_unavailable', `the API ${result.failure.reason}`)
    const { answer } = result
    if (answer.status < 200 || answer.status > 299)
      throw new Fault('service_unavailable', `the API answered ${answer.status}`)
    try {
      return { answer, body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body)) }
    } catch {
      throw new Fault('service_unavailable', 'the API answered something that is not JSON')
    }
  }

  return {
    tables: async () => [],
    check: async (table) =>
      tableForm.test(table)
        ? accept(undefined)
        : refuse('not_found', 'A table of an API is a path such as customers or shop/orders'),
    version: async () => String(Math.floor(clock.now() / freshMs)),
    async *rows(table, since) {
      let url: URL | undefined = firstPage(config, table, since)
      for (let number = 1; url !== undefined; number++) {
        if (number > config.most_pages)
          throw new Fault('service_unavailable', `the API has more than ${config.most_pages} pages`)
        const asked = url
        const { body, answer } = await ask(asked)
        const items = at(body, config.items)
        if (!Array.isArray(items))
          throw new Fault('service_unavailable', 'the API answered without a list of rows')
        for (const item of items) {
          if (typeof item !== 'object' || item === null || Array.isArray(item))
            throw new Fault('service_unavailable', 'the API listed something that is no object')
          yield item as DataRow
        }
        url = nextPage(config, { body, answer, url: asked, number }, items.length)
      }
    },
  }
}

function firstPage(config: ApiConfig, table: string, since: unknown): URL {
  const url = new URL(`${config.base_url.replace(/\/+$/, '')}/${table}`)
  const set = (name: string | undefined, value: unknown): void => {
    if (name !== undefined && value !== undefined) url.searchParams.set(name, String(value))
  }
  if (config.pagination === 'page') set(config.page_parameter, 1)
  set(config.size_parameter, config.size)
  set(config.since_parameter, since)
  return url
}

/** Where the next page is; undefined after the last one. */
function nextPage(config: ApiConfig, page: Page, count: number): URL | undefined {
  const url = new URL(page.url)
  if (config.pagination === 'page') {
    const isLast = count === 0 || (config.size_parameter !== undefined && count < config.size)
    if (isLast) return undefined
    url.searchParams.set(config.page_parameter, String(page.number + 1))
    return url
  }
  if (config.pagination === 'cursor') {
    const next = at(page.body, config.next)
    if (next === undefined || next === null || next === '') return undefined
    url.searchParams.set(config.page_parameter, String(next))
    return url
  }
  if (config.pagination === 'none') return undefined
  const [, link] = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(page.answer.headers['link'] ?? '') ?? []
  if (link === undefined) return undefined
  const next = URL.canParse(link, url.href) ? new URL(link, url) : undefined
  // The token must not go to whoever the API points to.
  if (next?.origin !== url.origin) throw new Fault('service_unavailable', 'the API points to another host')
  return next
}

function at(value: unknown, path: string): unknown {
  let found = value
  for (const part of path === '' ? [] : path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Record<string, unknown>)[part]
  }
  return found
}
