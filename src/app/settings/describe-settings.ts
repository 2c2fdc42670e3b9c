/** How a setting is shown and typed: its name, its widget, what it does, and what holds while it is not set. */
export interface SettingDescription {
  /** A name for people, in a few words. */
  readonly title: string
  readonly group: 'sign-in' | 'keys' | 'billing' | 'brand' | 'gateway' | 'webhooks' | 'events'
  readonly widget: 'truth' | 'choice' | 'whole' | 'duration' | 'text' | 'color' | 'url' | 'email'
  readonly description: string
  /** Empty where nothing holds. */
  readonly usual: string
  /** Of a choice. */
  readonly values?: readonly string[]
}

type Described = readonly [
  title: string,
  group: SettingDescription['group'],
  widget: SettingDescription['widget'],
  usual: string,
  description: string,
  values?: readonly string[],
]

const described: Readonly<Record<string, Described>> = {
  'auth.registration': [
    'Registration',
    'sign-in',
    'choice',
    'open',
    'Whether anybody may open an account; closed: only by invitation',
    ['open', 'closed'],
  ],
  'auth.require_verified_email': [
    'Verified addresses only',
    'sign-in',
    'truth',
    'false',
    'Keys of new accounts are refused until the address is verified',
  ],
  'auth.jwt_ttl': [
    'Length of a sign-in',
    'sign-in',
    'duration',
    '168h',
    'How long people stay signed in, with a cookie or a token',
  ],
  'auth.session_idle_ttl': [
    'Longest rest of a session',
    'sign-in',
    'duration',
    '24h',
    'How long the cookie of a session may rest',
  ],
  'oauth.organizations_allow_private': [
    'Sign-in providers at private addresses',
    'sign-in',
    'truth',
    'false',
    'Whether the own provider of an organization may be at a private address',
  ],
  'auth.allow_query_key': [
    'Keys in the address',
    'keys',
    'truth',
    'true',
    'Whether a key in the address (?api_key=) is taken',
  ],
  'auth.key_prefix': ['Prefix of keys', 'keys', 'text', 'ak_', 'What new keys begin with'],
  'auth.key_hash': [
    'How keys are kept',
    'keys',
    'choice',
    'hmac',
    'How new keys are kept; bcrypt slows the first use of each after a start',
    ['hmac', 'bcrypt'],
  ],
  'auth.leaked_keys': [
    'Leaked keys',
    'keys',
    'choice',
    'revoke',
    'What a report of a leaked key does; flag only tells its owners',
    ['revoke', 'flag'],
  ],
  'billing.seller_name': ['Name of the seller', 'billing', 'text', '', 'Who sells, as it stands on invoices'],
  'billing.seller_address': [
    'Address of the seller',
    'billing',
    'text',
    '',
    'Where the seller is, as it stands on invoices',
  ],
  'billing.seller_country': [
    'Country of the seller',
    'billing',
    'text',
    '',
    'The country of the seller, such as DE',
  ],
  'billing.seller_tax_number': [
    'Tax number of the seller',
    'billing',
    'text',
    '',
    'The tax number of the seller',
  ],
  'billing.invoice_prefix': [
    'Prefix of invoices',
    'billing',
    'text',
    'INV',
    'What the numbers of invoices begin with',
  ],
  'billing.credit_note_prefix': [
    'Prefix of credit notes',
    'billing',
    'text',
    'CN',
    'What the numbers of credit notes begin with',
  ],
  'billing.collection_window_minutes': [
    'Wait for late usage (minutes)',
    'billing',
    'whole',
    '60',
    'How many minutes after its end a period waits for usage',
  ],
  'billing.fee_basis_points': [
    'Platform fee (basis points)',
    'billing',
    'whole',
    '2000',
    'What the platform keeps of the invoices of creators, in hundredths of a percent',
  ],
  'billing.upgrade_url': [
    'Where to upgrade',
    'billing',
    'text',
    '/portal/billing',
    'Where a 402 sends the customer',
  ],
  'brand.name': [
    'Name of the product',
    'brand',
    'text',
    'APIGate',
    'What the product is called in e-mails and on its pages',
  ],
  'brand.color': ['Colour', 'brand', 'color', '#1d6b57', 'The colour of e-mails and of the public pages'],
  'brand.headline': ['Headline', 'brand', 'text', '', 'The large line of the landing page'],
  'brand.text': [
    'Text below the headline',
    'brand',
    'text',
    '',
    'What the landing page says under its headline',
  ],
  'brand.logo_url': [
    'Logo',
    'brand',
    'text',
    '',
    'The logo of the public pages: a path of this host, or an https address',
  ],
  'brand.support_email': [
    'Support address',
    'brand',
    'email',
    '',
    'Where readers of e-mails and of the public pages may write to',
  ],
  'site.landing': [
    'Landing page',
    'brand',
    'truth',
    'true',
    'Whether / is the landing page; otherwise it leads to the portal',
  ],
  'site.api_url': [
    'Address of the API',
    'brand',
    'url',
    '',
    'Where the API answers, if not at the address of the pages: what examples call',
  ],
  'portal.base_url': [
    'Address of this instance',
    'brand',
    'url',
    '',
    'The address under which people reach this instance; every link in an e-mail and every way back from a sign-in elsewhere begins with it',
  ],
  'gateway.max_body_bytes': [
    'Longest request body (bytes)',
    'gateway',
    'whole',
    '104857600',
    'Bytes of the longest request body, and of the longest message of a client’s WebSocket',
  ],
  'gateway.websocket_idle_timeout_ms': [
    'Patience with a silent WebSocket (ms)',
    'gateway',
    'whole',
    '120000',
    'Milliseconds that a side of a WebSocket may not even answer a ping',
  ],
  'webhooks.attempts': ['Attempts', 'webhooks', 'whole', '5', 'How often a webhook is tried, up to 10'],
  'webhooks.disable_after': [
    'Time until an endpoint is disabled',
    'webhooks',
    'duration',
    '5d',
    'How long an endpoint may take nothing before it is disabled',
  ],
  'webhooks.retention_days': [
    'Days that deliveries are kept',
    'webhooks',
    'whole',
    '30',
    'How many days deliveries are kept',
  ],
  'webhooks.allow_private': [
    'Webhooks to private addresses',
    'webhooks',
    'truth',
    'false',
    'Whether webhooks may be sent to private addresses, and over plain http',
  ],
  'events.retention_days': [
    'Days that events are kept',
    'events',
    'whole',
    '30',
    'How many days events stay that every consumer has passed',
  ],
}

/** Every setting that the product itself knows, by its key. */
export const settingDescriptions: ReadonlyMap<string, SettingDescription> = new Map(
  Object.entries(described).map(([key, [title, group, widget, usual, description, values]]) => [
    key,
    { title, group, widget, usual, description, ...(values === undefined ? {} : { values }) },
  ]),
)
