import type { ShownCheckout } from '#app/payments/dummy-page.ts'
import { escapeHtml } from '../pages/markup.ts'
import { page } from '../pages/page.ts'

/** The page of a checkout of the dummy: what it is about, and both ways that it can end. */
export function dummyPage({ amount: text, status, cancelUrl, successUrl }: ShownCheckout): string {
  const amount = escapeHtml(text)
  const isOver = status === 'succeeded' || status === 'processing'
  const main = isOver
    ? `<p>${status === 'succeeded' ? 'This is paid.' : 'The payment is being processed.'}</p>
<p><a href="${link(successUrl)}">Go back</a></p>`
    : `${status === 'failed' ? '<p role="alert">The payment was declined. Try again.</p>\n' : ''}<form method="post">
<button name="choice" value="pay">Pay ${amount}</button>
<button name="choice" value="decline" class="plain">Decline</button>
</form>
<p><a href="${link(cancelUrl)}">Go back without paying</a></p>`
  return page(
    'Test payment',
    `<div class="checkout">
<p class="quiet">Test payment: no money moves here</p>
<h1>${amount}</h1>
${main}
</div>`,
  )
}

/** Only addresses of pages become links. */
const link = (address: string): string => (/^https?:\/\//.test(address) ? escapeHtml(address) : '/')
