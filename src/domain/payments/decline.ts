/** Reasons after which the same card is never tried again by itself: it is gone, or its bank wants no more of it. */
const hard: ReadonlySet<string> = new Set([
  'authentication_required',
  'card_not_supported',
  'currency_not_supported',
  'do_not_retry',
  'do_not_try_again',
  'expired_card',
  'fraudulent',
  'incorrect_number',
  'invalid_account',
  'invalid_number',
  'lost_card',
  'merchant_blacklist',
  'method_removed',
  'new_account_information_available',
  'no_payment_method',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'security_violation',
  'stolen_card',
  'stop_payment_order',
  'transaction_not_allowed',
])

/** Whether trying the same card again is of no use; anything that is not known may pass another day. */
export const isHardDecline = (code: string | null): boolean => code !== null && hard.has(code)

/** A reason as we keep it, from the words of a provider: `Lost Card, Pick-Up` is `lost_card_pick_up`. */
export function declineCode(words: string): string {
  const code = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 100)
  const known = ['lost_card', 'stolen_card', 'expired_card', 'restricted_card'].find((one) =>
    code.includes(one),
  )
  return known ?? (code === '' ? 'declined' : code)
}
