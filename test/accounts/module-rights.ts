import type { MemberRole } from '#contract/actor.ts'

/** What of modules is open to people: to those of the record's organization, or to everybody for what is made and listed in their own. */
const openToPeople: Readonly<Record<string, readonly MemberRole[]>> = {
  'GET /api/api_keys': ['owner', 'admin', 'member'],
  'GET /api/api_keys/{id}': ['owner', 'admin', 'member'],
  'POST /api/api_keys': ['owner', 'admin', 'member'],
  'POST /api/api_keys/{id}/restrict': ['owner', 'admin'],
  'POST /api/api_keys/{id}/retire': ['owner', 'admin'],
  'POST /api/api_keys/{id}/revoke': ['owner', 'admin'],
  'GET /api/invitations': ['owner', 'admin'],
  'GET /api/invitations/{id}': ['owner', 'admin'],
  'POST /api/invitations': ['owner', 'admin'],
  'POST /api/invitations/{id}/cancel': ['owner', 'admin'],
  'GET /api/memberships': ['owner', 'admin', 'member'],
  'GET /api/memberships/{id}': ['owner', 'admin', 'member'],
  'DELETE /api/memberships/{id}': ['owner', 'admin'],
  'PATCH /api/memberships/{id}': ['owner'],
  'PUT /api/memberships/{id}': ['owner'],
  'GET /api/organizations': ['owner', 'admin', 'member'],
  'GET /api/organizations/{id}': ['owner', 'admin', 'member'],
  'POST /api/organizations/{id}/cap_spending': ['owner', 'admin'],
  'GET /api/subscriptions': ['owner', 'admin', 'member'],
  'GET /api/subscriptions/{id}': ['owner', 'admin', 'member'],
  'POST /api/subscriptions/{id}/cancel': ['owner'],
  'POST /api/subscriptions/{id}/keep_plan': ['owner'],
  'POST /api/subscriptions/{id}/pause': ['owner'],
  'POST /api/subscriptions/{id}/redeem_coupon': ['owner'],
  'POST /api/subscriptions/{id}/resume': ['owner'],
  'GET /api/subscription_changes': ['owner', 'admin', 'member'],
  'GET /api/subscription_changes/{id}': ['owner', 'admin', 'member'],
  'GET /api/coupon_redemptions': ['owner', 'admin', 'member'],
  'GET /api/coupon_redemptions/{id}': ['owner', 'admin', 'member'],
  'GET /api/budget_alerts': ['owner', 'admin', 'member'],
  'GET /api/budget_alerts/{id}': ['owner', 'admin', 'member'],
  'GET /api/route_caps': ['owner', 'admin', 'member'],
  'GET /api/route_caps/{id}': ['owner', 'admin', 'member'],
  'GET /api/payment_methods': ['owner', 'admin'],
  'GET /api/payment_methods/{id}': ['owner', 'admin'],
  'POST /api/payment_methods/{id}/make_default': ['owner'],
  'POST /api/payment_methods/{id}/remove': ['owner'],
}

/** Whole modules: hooks are the admins' business, money is seen by admins and spent by owners. */
const families: readonly [RegExp, readonly MemberRole[]][] = [
  [/^\w+ \/api\/webhook_/, ['owner', 'admin']],
  [/^(POST|PUT|PATCH|DELETE) \/api\/(budget_alerts|route_caps)\b/, ['owner', 'admin']],
  [
    /^GET \/api\/(billing_profiles|credit_grants|credit_notes|disputes|invoices|invoice_lines|payments|refunds)\b/,
    ['owner', 'admin'],
  ],
  [/^(POST|PUT|PATCH) \/api\/billing_profiles(\/\{id\})?$/, ['owner']],
  [/^\w+ \/api\/sign_in_domains(\/\{id\})?$/, ['owner']],
]
const sold =
  /^(POST|PUT|PATCH) \/api\/((plans|subscriptions|coupons|tax_rates|fx_quotes)\b|(billing_profiles\/\{id\}\/set_terms|payments\/\{id\}\/refund|unknown_payments\/\{id\}\/(claim|dismiss))$)/

/** Which roles of people an address of a module is open to, and whether operators of billing may change it. */
export function rightsIn(name: string): { readonly people: readonly MemberRole[]; readonly isSold: boolean } {
  const family = families.find(([pattern]) => pattern.test(name))
  return { people: openToPeople[name] ?? family?.[1] ?? [], isSold: sold.test(name) }
}
