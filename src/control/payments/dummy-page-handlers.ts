import type { DummyPage, ShownCheckout } from '#app/payments/dummy-page.ts'
import { statusOf } from '#contract/envelope.ts'
import { accept, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { readBytes, textOf } from '#core/channel/http/read-text.ts'
import { escapeHtml } from '../pages/markup.ts'
import { page } from '../pages/page.ts'
import type { ControlHandler } from '../route-table.ts'
import { isFromElsewhere } from '../same-site.ts'
import { dummyPage } from './dummy-page.ts'

/** What the pages of the dummy need. */
export interface DummyPageDependencies {
  readonly dummyPage: DummyPage
  readonly isSecure: (incoming: Parameters<ControlHandler>[0]['incoming']) => boolean
}

const path = '/public/dummy-payment/:id'
const foreign = refuse('forbidden', 'Paying only works from the page itself')

/** The page on which developers pay or decline where the instance is paid through the dummy, by rule. */
export function dummyPageHandlers(deps: DummyPageDependencies): Readonly<Record<string, ControlHandler>> {
  const { dummyPage: pages } = deps
  return {
    [`GET ${path}`]: async ({ parameters }) => {
      const shown = await pages.show(parameters['id'] ?? '')
      return shown.ok ? pageAnswer(shown.value) : missingAnswer(shown)
    },
    [`POST ${path}`]: async ({ request, incoming, parameters, requestId }) => {
      if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
      const choice = await choiceIn(request)
      if (!choice.ok) return refusalAnswer(choice, requestId)
      const decided = await pages.decide(parameters['id'] ?? '', choice.value === 'decline')
      if (!decided.ok) return missingAnswer(decided)
      const { id, status, successUrl } = decided.value
      const location = status === 'failed' ? `/public/dummy-payment/${encodeURIComponent(id)}` : successUrl
      return new Response(null, { status: 303, headers: { location } })
    },
  }
}

const html = 'text/html; charset=utf-8'

function pageAnswer(checkout: ShownCheckout): Response {
  // Browsers hold the policy of forms against where the answer leads, too: back to who asked for the page.
  const back = URL.canParse(checkout.successUrl) ? ` ${new URL(checkout.successUrl).origin}` : ''
  const policy = `default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'${back}`
  return new Response(dummyPage(checkout), {
    headers: { 'content-type': html, 'content-security-policy': policy },
  })
}

function missingAnswer(refusal: Refusal): Response {
  const words = `<h1>Nothing to pay here</h1>\n<p>${escapeHtml(refusal.message)}.</p>`
  return new Response(page('Nothing to pay here', words), {
    status: statusOf(refusal),
    headers: { 'content-type': html },
  })
}

async function choiceIn(request: Request): Promise<Outcome<'pay' | 'decline'>> {
  const bytes = await readBytes(request, 1_000)
  const text = bytes.ok ? textOf(bytes.value, request.headers) : bytes
  if (!text.ok) return text
  const choice = new URLSearchParams(text.value).get('choice')
  return choice === 'pay' || choice === 'decline'
    ? accept(choice)
    : refuseFields([{ field: 'choice', reason: 'must be pay or decline' }])
}
