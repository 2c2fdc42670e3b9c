import type { Site } from '#app/site/read-site.ts'
import { html, type Markup } from '../markup.ts'
import { sitePage } from '../site-page.ts'

/** What the examples of the documentation are filled with. */
export interface DocsFacts {
  readonly site: Site
  /** Where people and the platform's own API are. */
  readonly baseUrl: string
  /** Where the API answers that is for sale. */
  readonly apiUrl: string
  /** A path there that a key opens with a plain GET. */
  readonly examplePath: string
}

/** One part of a page, which a search finds by itself. */
export interface DocsSection {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** One page of the documentation. */
export interface DocsPage {
  readonly path: string
  readonly title: string
  readonly lead: string
  readonly sections: readonly DocsSection[]
}

/** The pages in the order in which one needs them. */
export const contents = [
  [
    'Start',
    [
      ['/docs', 'Quickstart'],
      ['/docs/authentication', 'Authentication'],
      ['/docs/plans', 'Plans'],
    ],
  ],
  [
    'Calling',
    [
      ['/docs/limits', 'Limits and quotas'],
      ['/docs/errors', 'Errors'],
      ['/docs/requests', 'Idempotency and pages'],
      ['/docs/webhooks', 'Webhooks'],
      ['/docs/clients', 'Client libraries'],
    ],
  ],
  [
    'Reference',
    [
      ['/docs/api', 'API reference'],
      ['/docs/platform', 'Account API'],
    ],
  ],
] as const

/** The answer of one page of the documentation. */
export function docsAnswer(site: Site, page: DocsPage, query = ''): Response {
  return sitePage(
    site,
    {
      title: `${page.title} · ${site.name}`,
      description: page.lead,
      side: sideOf(page.path),
      main: html`<h1>${page.title}</h1>
<p class="lead">${page.lead}</p>
${page.sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><a href="#${id}">${title}</a></h2>
${body}
</section>`,
)}
${neighbours(page.path)}`,
      ...(page.sections.length < 2 || page.sections.length > mostParts
        ? {}
        : { parts: partsOf(page.sections) }),
    },
    query,
  )
}

/** Past that many a list of the parts is as long as the page. */
const mostParts = 40

const partsOf = (sections: readonly DocsSection[]): Markup =>
  html`<h2>On this page</h2>
<ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul>`

/** The pages before and after one, in the order in which one needs them. */
function neighbours(current: string): Markup | undefined {
  const all = contents.flatMap(([, links]) => [...links])
  const at = all.findIndex(([path]) => path === current)
  if (at < 0) return undefined
  const link = (place: number, words: string): Markup | undefined => {
    const there = all[place]
    return there && html`<a href="${there[0]}"><span>${words}</span> ${there[1]}</a>`
  }
  return html`<nav class="neighbours" aria-label="Before and after">${link(at - 1, 'Before')}${link(at + 1, 'Next')}</nav>`
}

/** The pages there are, for beside one of them. */
export const sideOf = (current: string): Markup =>
  html`${contents.map(
    ([title, links]) => html`<h2>${title}</h2>
<ul>${links.map(
      ([path, name]) =>
        html`<li><a href="${path}"${path === current ? html` aria-current="page"` : undefined}>${name}</a></li>`,
    )}</ul>`,
  )}`

/** A table; its cells are texts or pieces of HTML. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup => html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`
