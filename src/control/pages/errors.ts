import { errors } from '#contract/errors.ts'
import { escapeHtml, page } from './page.ts'

/** Every error of the product, each under the anchor that error bodies link to. */
export function errorsPage(): string {
  const rows = Object.entries(errors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, { status, title }]) => {
      const name = escapeHtml(type)
      return `<section id="${name}" aria-labelledby="${name}-name">
<h2 id="${name}-name">${name}</h2>
<p>${escapeHtml(title)}. <span class="quiet">Status ${status}, code ${name.toUpperCase()}.</span></p>
</section>`
    })
  return page(
    'Errors · APIGate',
    `<h1>Errors</h1>
<p>Every refusal has a status and a body with <code>error.type</code>, a message, the field or limit at fault where
there is one, and <code>error.request_id</code> to quote when you ask for help.</p>
${rows.join('\n')}`,
  )
}
