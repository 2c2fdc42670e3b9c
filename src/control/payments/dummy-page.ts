import type { ShownCheckout } from '#app/payments/dummy-page.ts'
import { escapeHtml } from '../pages/markup.ts'
import { page } from '../pages/page.ts'

/** The page of a checkout of the dummy: what it is about, and both ways that it can end. */
export function dummyPage(checkout: ShownCheckout): string {
  const { status, cancelUrl, successUrl } = checkout
  const words = checkout.leavesCardOf === undefined ? payingWords(checkout) : leavingWords
  const isOver = status === 'succeeded' || status === 'processing'
  const main = isOver
    ? `<p>${status === 'succeeded' ? words.done : 'The payment is being processed.'}</p>
<p><a href="${link(successUrl)}">Go back</a></p>`
    : `${status === 'failed' ? `<p role="alert">${words.declined} Try again.</p>\n` : ''}<form method="post">
<button name="choice" value="pay">${words.verb}</button>
<button name="choice" value="decline" class="plain">Decline</button>
</form>
<p><a href="${link(cancelUrl)}">${words.back}</a></p>`
  return page(
    'Test payment',
    `<div class="checkout">
<p class="quiet">Test payment: no money moves here</p>
<h1>${words.title}</h1>
${main}
</div>`,
  )
}

/** Only addresses of pages become links. */
const link = (address: string): string => (/^https?:\/\//.test(address) ? escapeHtml(address) : '/')

const payingWords = ({ amount: text }: ShownCheckout) => {
  const amount = escapeHtml(text)
  return {
    title: amount,
    verb: `Pay ${amount}`,
    done: 'This is paid.',
    declined: 'The payment was declined.',
    back: 'Go back without paying',
  }
}

const leavingWords = {
  title: 'Leave a test card',
  verb: 'Leave the card 4242',
  done: 'The card is kept.',
  declined: 'The card was declined.',
  back: 'Go back',
}
