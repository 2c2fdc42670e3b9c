import type { ReadSite } from '#app/site/read-site.ts'
import { statusOf } from '#contract/envelope.ts'
import type { Refusal } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { isForEyes } from '../for-eyes.ts'
import { html } from '../pages/markup.ts'
import { noticePage } from '../pages/notice-page.ts'

/** A refusal, as a page for people and as JSON for programs. */
export async function shownRefusal(
  { readSite }: { readonly readSite: ReadSite },
  request: Request,
  refusal: Refusal,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  if (!isForEyes(request)) return refusalAnswer(refusal, requestId, headers)
  const page = noticePage(await readSite(), {
    title: 'This did not work',
    words: html`<p class="lead">${refusal.message}.</p>`,
    ways: [['/portal', 'Back to the portal']],
    requestId,
    status: statusOf(refusal),
  })
  return withHeaders(page, headers)
}

/** The question for a code of the second factor, with what was wrong with the one before. */
export async function codeQuestion(
  { readSite }: { readonly readSite: ReadSite },
  problem: string | undefined,
  status: number,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const page = noticePage(await readSite(), {
    title: 'One more step',
    words: html`<p class="lead">Your account asks for a code of its second factor.</p>
${problem === undefined ? undefined : html`<p role="alert">${problem}.</p>`}
<form method="post" action="/api/v1/auth/oauth/complete">
<label for="code">Code of your authenticator app, or a recovery code</label>
<input id="code" name="code" autocomplete="one-time-code" maxlength="40" required autofocus>
<button>Sign in</button>
</form>`,
    ways: [],
    status,
  })
  return withHeaders(page, headers)
}

/** Nothing of it is kept: it belongs to one attempt of one browser. */
function withHeaders(page: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries({ ...headers, 'cache-control': 'no-store' }))
    page.headers.set(name, value)
  return page
}
