import { statusOf } from '#contract/envelope.ts'
import type { Refusal } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { escapeHtml } from '../pages/markup.ts'
import { page } from '../pages/page.ts'

const html = 'text/html; charset=utf-8'

/** Whether who asks is a browser that shows the answer to somebody. */
export const isForEyes = (request: Request): boolean =>
  (request.headers.get('accept') ?? '').includes('text/html')

/** A refusal, as a page for people and as JSON for programs. */
export function shownRefusal(
  request: Request,
  refusal: Refusal,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Response {
  if (!isForEyes(request)) return refusalAnswer(refusal, requestId, headers)
  const body = page(
    'Not signed in',
    `<h1>You are not signed in</h1>
<p>${escapeHtml(refusal.message)}.</p>
<nav aria-label="Pages"><ul><li><a href="/portal">To the portal</a></li></ul></nav>`,
  )
  return new Response(body, { status: statusOf(refusal), headers: { 'content-type': html, ...headers } })
}

/** The question for a code of the second factor, with what was wrong with the one before. */
export function codeQuestion(
  problem: string | undefined,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  const note = problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}.</p>\n`
  const body = page(
    'One more step',
    `<h1>One more step</h1>
<p>Your account asks for a code of its second factor.</p>
${note}<form method="post" action="/api/v1/auth/oauth/complete">
<p><label for="code">Code of your authenticator app, or a recovery code</label></p>
<p><input id="code" name="code" autocomplete="one-time-code" maxlength="40" required autofocus></p>
<p><button>Sign in</button></p>
</form>`,
  )
  return new Response(body, { status, headers: { 'content-type': html, ...headers } })
}
