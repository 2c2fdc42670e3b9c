import type { Site } from '#app/site/read-site.ts'
import { securityHeaders } from '#contract/security-headers.ts'
import { html, type Markup } from './markup.ts'

/** One page of the public site. */
export interface SitePage {
  readonly title: string
  readonly description: string
  readonly main: Markup
  /** Beside the main part on the left: what else there is to read. */
  readonly side?: Markup
  /** Beside it on the right, where there is room: its parts. */
  readonly parts?: Markup
  /** Of the answer; 200 unless said otherwise. */
  readonly status?: number
}

/** What the head of every page searches for; the form works without script. */
const searchForm = (query: string): Markup => html`<form class="search" action="/docs/search" role="search">
<label class="unseen" for="search">Search the documentation</label>
<input id="search" type="search" name="q" value="${query}" placeholder="Search the documentation" maxlength="100" autocomplete="off">
</form>`

/** The answer of a public page: under the brand's name and colours, and with nothing inline. */
export function sitePage(
  site: Site,
  { title, description, main, side, parts, status = 200 }: SitePage,
  query = '',
): Response {
  const accent = site.colors === undefined ? '' : `?accent=${site.colors.ground.slice(1)}`
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${description}">
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/base.css${accent}">
<script src="/assets/theme.js"></script>
<script src="/assets/site.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="${site.isLandingShown ? '/' : '/docs'}">${logo(site)}${site.name}</a>
<nav aria-label="Site">
<a href="/docs">Docs</a>
<a href="/docs/api">API</a>
<a href="/portal">Sign in</a>
<button type="button" class="theme" aria-label="Switch between light and dark" hidden>◐</button>
</nav>
${side === undefined ? undefined : searchForm(query)}
</header>
${side === undefined ? html`<main id="main">${main}</main>` : withSide(side, main, parts)}
<footer class="foot">
<span>${site.name}</span>
${site.supportEmail === '' ? undefined : html`<a href="mailto:${site.supportEmail}">Support</a>`}
<a href="/docs/errors">Errors</a>
<a href="/docs/llms.txt">llms.txt</a>
<a href="/health">Status</a>
</footer>
</body>
</html>
`
  return new Response(body.html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      // It names the host it was asked under and what the settings say now.
      'cache-control': 'private, no-cache',
      'content-security-policy': contentPolicy(site.logoUrl),
    },
  })
}

const withSide = (side: Markup, main: Markup, parts: Markup | undefined): Markup => html`<div class="docs">
<nav class="side" aria-label="Documentation">${side}</nav>
<main id="main">${main}</main>
${parts === undefined ? undefined : html`<nav class="parts" aria-label="On this page">${parts}</nav>`}
</div>`

const logo = ({ logoUrl }: Site): Markup | undefined =>
  logoUrl === ''
    ? html`<img src="/assets/icon.svg" alt="" width="24" height="24">`
    : html`<img src="${logoUrl}" alt="" height="24">`

/** The policy of every page of ours, and the one host that a logo may come from. */
function contentPolicy(logoUrl: string): string {
  const usual = new Map(securityHeaders).get('Content-Security-Policy') ?? "default-src 'self'"
  return logoUrl.startsWith('https://') ? `${usual}; img-src 'self' ${new URL(logoUrl).origin}` : usual
}

/** The same in several languages, one of which is shown where scripts run. */
export const codes = (choices: readonly (readonly [language: string, text: string])[]): Markup =>
  html`<div class="choices">${choices.map(([language, text]) => code(language, text))}</div>`

/** Code to copy; the button appears where scripts run. */
export const code = (language: string, text: string): Markup => html`<figure class="code">
<figcaption>${language}<button type="button" class="copy" hidden>Copy</button></figcaption>
<pre tabindex="0"><code data-language="${language}">${text}</code></pre>
</figure>`
