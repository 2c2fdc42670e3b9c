import type { Site } from '#app/site/read-site.ts'
import { html, type Markup } from './markup.ts'
import { sitePage } from './site-page.ts'

/** A page of a few words, and the ways on from there, the likeliest first. */
export interface Notice {
  readonly title: string
  readonly words: Markup
  readonly ways: readonly (readonly [address: string, words: string])[]
  readonly status: number
  /** What one names when one asks for help. */
  readonly requestId?: string
  /** Beside it on the left: what else there is to read. */
  readonly side?: Markup
}

/** The answer that says to a person what became of what they opened, under the name and the colours of the brand. */
export function noticePage(site: Site, { title, words, ways, status, requestId, side }: Notice): Response {
  return sitePage(site, {
    title: `${title} · ${site.name}`,
    description: title,
    status,
    ...(side === undefined ? {} : { side }),
    main: html`<div class="notice">
<h1>${title}</h1>
${words}
${ways.length === 0 ? undefined : html`<p class="actions">${ways.map(([address, text], at) => html`<a class="button${at === 0 ? '' : ' quiet'}" href="${address}">${text}</a>`)}</p>`}
${requestId === undefined ? undefined : html`<p class="quiet">Request <code>${requestId}</code></p>`}
</div>`,
  })
}
