import type { PlanCard } from '#app/site/plan-card.ts'
import type { PublishedRoute } from '#app/site/published-routes.ts'
import type { Site } from '#app/site/read-site.ts'
import { html, type Markup } from './markup.ts'
import { code, sitePage } from './site-page.ts'

/** What `/` shows where no route claims it: what the API offers, how to call it, what it costs. */
export function landingPage(site: Site, call: string, routes: readonly PublishedRoute[]): Response {
  const headline = site.headline || usualHeadline(site.name)
  const text =
    site.text || 'Get a key in a minute, call it over HTTPS, and see every request counted as it happens.'
  return sitePage(site, {
    title: site.headline === '' ? site.name : `${site.name} · ${site.headline}`,
    description: text,
    main: html`<div class="landing">
<section class="hero">
<div>
<h1>${headline}</h1>
<p class="lead">${text}</p>
<p class="actions">${signUp(site, 'Get your key')}<a class="button quiet" href="/docs">Read the docs</a></p>
</div>
${routes.length === 0 ? undefined : code('sh', call)}
</section>
<section class="offers" aria-label="What you get">
${offers.map(([title, words]) => html`<div><h2>${title}</h2><p>${words}</p></div>`)}
</section>
${operations(routes)}
${pricing(site)}
</div>`,
  })
}

function usualHeadline(name: string): string {
  if (name === 'APIGate') return 'An API, ready to call'
  return /^the\s/i.test(name) ? `${name} API` : `The ${name} API`
}

const mostShown = 8

/** What there is to call, as far as it can be taken in at a glance. */
function operations(routes: readonly PublishedRoute[]): Markup | undefined {
  const told = routes.filter(({ description }) => description !== '')
  if (told.length === 0) return undefined
  return html`<section aria-labelledby="operations">
<h2 id="operations">What you can call</h2>
<ul class="calls">${told
    .slice(0, mostShown)
    .map(
      ({ methods, path, description }) =>
        html`<li><code class="method">${methods.length > 1 ? 'ANY' : methods.join('')}</code> <code>${path}</code> <span>${description}</span></li>`,
    )}</ul>
<p><a href="/docs/api">The API reference</a></p>
</section>`
}

const offers = [
  [
    'Keys in a minute',
    'Make, rotate and revoke keys yourself. Each can be limited to scopes, addresses and a spending cap.',
  ],
  ['Limits you can read', 'Every answer says how much is left, and every refusal says when to come back.'],
  [
    'Bills you can check',
    'Usage is counted once and exactly, by key and by route, and invoices show what they were made of.',
  ],
] as const

const signUp = (site: Site, words: string, isQuiet = false): Markup =>
  html`<a class="button${isQuiet ? ' quiet' : ''}" href="${site.isRegistrationOpen ? '/portal/sign-up' : '/portal'}">${site.isRegistrationOpen ? words : 'Sign in'}</a>`

function pricing(site: Site): Markup | undefined {
  if (site.plans.length === 0) return undefined
  return html`<section aria-labelledby="pricing">
<h2 id="pricing">Pricing</h2>
<div class="plans">${site.plans.map((plan) => planBox(site, plan))}</div>
</section>`
}

/** One plan of the pricing table. */
const planBox = (
  site: Site,
  plan: PlanCard,
): Markup => html`<article class="plan${plan.isDefault ? ' first' : ''}">
<h3>${plan.name}</h3>
<p class="fee"><strong>${plan.fee}</strong>${plan.isFree ? undefined : html` <span>a month</span>`}</p>
${plan.description === '' ? undefined : html`<p class="quiet">${plan.description}</p>`}
<ul>${plan.lines.map((line) => html`<li>${line}</li>`)}</ul>
${signUp(site, plan.isDefault ? 'Start here' : 'Sign up', !plan.isDefault)}
</article>`
