/** Sent with every answer that the product itself composes; an upstream's own answer keeps its headers. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['X-XSS-Protection', '1; mode=block'],
  [
    'Content-Security-Policy',
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  ],
  ['Referrer-Policy', 'strict-origin-when-cross-origin'],
]

/** Sent in addition where the request came over HTTPS; it speaks for this host alone, as others below its name may not be ours. */
export const strictTransportSecurity: readonly [name: string, value: string] = [
  'Strict-Transport-Security',
  'max-age=31536000',
]
