import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { html } from '../markup.ts'
import type { DocsFacts, DocsPage } from './docs-page.ts'
import { referenceSections } from './reference.ts'

/** The reference of what the operator publishes. */
export function routesPage({ apiUrl, baseUrl, site }: DocsFacts, document: JsonObject): DocsPage {
  const sections = referenceSections(document, {
    url: apiUrl,
    canTry: apiUrl === baseUrl,
    untagged: 'Operations',
  })
  const none = {
    id: 'operations',
    title: 'Operations',
    body: html`<p>Nothing is published yet. Operators publish by adding <a href="/ui/m/routes">routes</a>.</p>`,
  }
  return {
    path: '/docs/api',
    title: 'API reference',
    lead: `Everything that a key opens at ${apiUrl}.`,
    sections: [
      ...(sections.length === 0 ? [none] : sections),
      {
        id: 'openapi',
        title: 'As OpenAPI',
        body: html`<p>The same as a document for your tools: <a href="/docs/openapi.json">openapi.json</a>. The keys, team and bills of your ${site.name} account have an <a href="/docs/platform">API of their own</a>.</p>`,
      },
    ],
  }
}

/** The reference of the platform's own API, as far as customers reach it. */
export function platformPage({ baseUrl }: DocsFacts, document: JsonObject): DocsPage {
  return {
    path: '/docs/platform',
    title: 'Account API',
    lead: `What people can do with their account, organization, keys and webhooks at ${baseUrl}, by program.`,
    sections: [
      ...referenceSections(document, { url: baseUrl, canTry: false, untagged: 'Account' }),
      {
        id: 'openapi',
        title: 'As OpenAPI',
        body: html`<p>The same as a document for your tools: <a href="/docs/platform.json">platform.json</a>.</p>`,
      },
    ],
  }
}
