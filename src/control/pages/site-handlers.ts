import type { IncomingMessage } from 'node:http'
import type { PublishedRoute, ReadPublishedRoutes } from '#app/site/published-routes.ts'
import type { ReadSite } from '#app/site/read-site.ts'
import { routesDocument } from '#app/site/routes-document.ts'
import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import type { Engine } from '#core/engine.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { compressed } from './compressed.ts'
import { errorsPage, limits, requests } from './docs/calling-pages.ts'
import { clientsPage } from './docs/clients/clients-page.ts'
import { javascriptClient } from './docs/clients/javascript.ts'
import { clientOperations } from './docs/clients/operations.ts'
import { pythonClient } from './docs/clients/python.ts'
import { type DocsFacts, type DocsPage, docsAnswer } from './docs/docs-page.ts'
import { llmsText } from './docs/llms.ts'
import { platformPage, routesPage } from './docs/reference-pages.ts'
import { searchPage } from './docs/search.ts'
import { authentication, curlCall, plansPage, quickstart } from './docs/start-pages.ts'
import { webhooks } from './docs/webhooks-page.ts'
import { landingPage } from './landing.ts'
import { setupFirst } from './setup-first.ts'

/** What the public pages need. */
export interface SiteDependencies {
  readonly readSite: ReadSite
  readonly readPublishedRoutes: ReadPublishedRoutes
  /** The scheme and host that a client asked for, as far as the peer may be believed. */
  readonly askedOrigin: (incoming: IncomingMessage) => string
  /** The port of the API where it has one of its own. */
  readonly gatewayPort: number | undefined
}

const articles = [
  quickstart,
  authentication,
  plansPage,
  limits,
  errorsPage,
  requests,
  webhooks,
] as const satisfies readonly ((facts: DocsFacts) => DocsPage)[]

/** The landing page, the documentation and what is made from it, by their rule. */
export function siteHandlers(
  deps: SiteDependencies & { readonly engine: Pick<Engine, 'records'> },
  platform: () => JsonObject,
): Readonly<Record<string, ControlHandler>> {
  const docs =
    (pageOf: (facts: DocsFacts, routes: readonly PublishedRoute[], asked: ControlRequest) => DocsPage) =>
    async (asked: ControlRequest) => {
      const { facts, routes } = await readFacts(deps, asked)
      const question = new URL(asked.request.url).searchParams.get('q') ?? ''
      return docsAnswer(facts.site, pageOf(facts, routes, asked), question.slice(0, 100))
    }
  const pagesOf = (facts: DocsFacts, routes: readonly PublishedRoute[]): readonly DocsPage[] => [
    ...articles.map((article) => article(facts)),
    clientsPage(facts, routesDocumentOf(facts, routes)),
    routesPage(facts, routesDocumentOf(facts, routes)),
    platformPage(facts, platform()),
  ]
  const llms: ControlHandler = async (asked) => {
    const { facts, routes } = await readFacts(deps, asked)
    const pages = [
      ...articles.map((article) => article(facts)),
      clientsPage(facts, routesDocumentOf(facts, routes)),
    ]
    return textAnswer(llmsText(facts, pages, routes), 'text/plain')
  }
  const client =
    (write: typeof javascriptClient, type: string): ControlHandler =>
    async (asked) => {
      const { facts, routes } = await readFacts(deps, asked)
      const operations = clientOperations(routesDocumentOf(facts, routes))
      return textAnswer(write(facts.site.name, facts.apiUrl, operations), type)
    }
  const handlers: Record<string, ControlHandler> = {
    'GET /': setupFirst(deps.engine.records).unlessNew(async (asked) => {
      const { facts, routes } = await readFacts(deps, asked)
      return facts.site.isLandingShown
        ? landingPage(facts.site, curlCall(facts), routes)
        : new Response(null, { status: 302, headers: { location: '/portal' } })
    }),
    'GET /docs': docs(quickstart),
    'GET /docs/authentication': docs(authentication),
    'GET /docs/plans': docs(plansPage),
    'GET /docs/limits': docs(limits),
    'GET /docs/errors': docs(errorsPage),
    'GET /docs/requests': docs(requests),
    'GET /docs/webhooks': docs(webhooks),
    'GET /docs/clients': docs((facts, routes) => clientsPage(facts, routesDocumentOf(facts, routes))),
    'GET /docs/client.mjs': client(javascriptClient, 'text/javascript'),
    'GET /docs/client.py': client(pythonClient, 'text/x-python'),
    'GET /docs/api': docs((facts, routes) => routesPage(facts, routesDocumentOf(facts, routes))),
    'GET /docs/platform': docs((facts) => platformPage(facts, platform())),
    'GET /docs/search': docs((facts, routes, { request }) => {
      const question = new URL(request.url).searchParams.get('q') ?? ''
      return searchPage(pagesOf(facts, routes), question.slice(0, 100))
    }),
    'GET /docs/openapi.json': async (asked) => {
      const { facts, routes } = await readFacts(deps, asked)
      return textAnswer(JSON.stringify(routesDocumentOf(facts, routes)), 'application/json')
    },
    'GET /docs/platform.json': async (asked) => {
      const { facts } = await readFacts(deps, asked)
      return textAnswer(
        JSON.stringify({ ...platform(), servers: [{ url: facts.baseUrl }] }),
        'application/json',
      )
    },
    'GET /docs/llms.txt': llms,
    'GET /llms.txt': llms,
  }
  return Object.fromEntries(Object.entries(handlers).map(([rule, handler]) => [rule, compressed(handler)]))
}

const textAnswer = (text: string, type: string): Response =>
  new Response(text, {
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'private, no-cache' },
  })

const routesDocumentOf = ({ site, apiUrl }: DocsFacts, routes: readonly PublishedRoute[]): JsonObject =>
  routesDocument(routes, { title: site.name, description: site.text, url: apiUrl })

/** What is true of this instance now, at the address under which it was asked. */
async function readFacts(
  deps: SiteDependencies,
  { incoming }: ControlRequest,
): Promise<{ facts: DocsFacts; routes: readonly PublishedRoute[] }> {
  const [site, routes] = await Promise.all([deps.readSite(), deps.readPublishedRoutes()])
  const baseUrl = site.baseUrl || deps.askedOrigin(incoming)
  const apiUrl = site.apiUrl || withPort(baseUrl, deps.gatewayPort)
  return { facts: { site, baseUrl, apiUrl, examplePath: examplePath(routes) }, routes }
}

function withPort(address: string, port: number | undefined): string {
  if (port === undefined || !URL.canParse(address)) return address
  const url = new URL(address)
  url.port = String(port)
  return url.href.replace(/\/+$/, '')
}

/** A published address that a plain GET with a key reaches: without parameters where there is one. */
function examplePath(routes: readonly PublishedRoute[]): string {
  const plain = routes.filter(({ methods, host }) => methods.includes('GET') && host === '')
  const best =
    plain.find(({ needsKey, parameters }) => needsKey && parameters.length === 0) ??
    plain.find(({ parameters }) => parameters.length === 0)
  if (best !== undefined) return best.path
  const prefix = plain.find(({ isPrefix }) => isPrefix)
  return prefix === undefined ? '/' : prefix.path.replace('{rest}', '')
}
