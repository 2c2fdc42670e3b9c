import type { MailKind, MailPreview } from '#app/mail/preview-mails.ts'
import { escapeHtml } from './markup.ts'
import { page } from './page.ts'

/** Every kind of mail, each with a link to its preview. */
export function mailsPage(kinds: readonly MailKind[]): string {
  const rows = kinds.map(
    ({ template, description }) => `<section>
<h2><a href="/admin/emails/${encodeURIComponent(template)}">${escapeHtml(template)}</a></h2>
<p>${escapeHtml(description)}.</p>
</section>`,
  )
  return page('E-mails · APIGate', `<h1>E-mails</h1>\n${rows.join('\n')}`)
}

/** One mail with sample data: subject, the HTML in a frame that may do nothing, the text. */
export function mailPage({ template, description, subject, text }: MailPreview): string {
  const name = escapeHtml(template)
  return page(
    `${template} · E-mails · APIGate`,
    `<h1>${name}</h1>
<p class="quiet">${escapeHtml(description)}. Shown with sample data. <a href="/admin/emails">All e-mails</a></p>
<section aria-labelledby="subject"><h2 id="subject">Subject</h2><p>${escapeHtml(subject)}</p></section>
<section aria-labelledby="html"><h2 id="html">HTML</h2>
<iframe class="mail" sandbox="" title="The HTML part of ${name}" src="/admin/emails/${encodeURIComponent(template)}?part=html"></iframe></section>
<section aria-labelledby="text"><h2 id="text">Text</h2><pre>${escapeHtml(text)}</pre></section>`,
  )
}
