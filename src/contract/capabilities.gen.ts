// Made by `npm run gen` from capabilities/*.yaml. Do not edit.

import type { Outcome } from './outcome.ts'

/** Authentication, from capabilities/auth.yaml. */
export interface AuthCapability {
  /** Whether a password is the account's; takes as long when there is no such account. */
  verify_password(input: { readonly email: string; readonly password: string; readonly kind?: 'operator' | undefined }): Promise<Outcome<{ readonly valid: boolean; readonly subject_id?: string }>>
  hash_password(input: { readonly password: string }): Promise<Outcome<{ readonly hash: string }>>
  /** Whose a session token is, as long as the session lasts. */
  verify_session(input: { readonly token: string }): Promise<Outcome<{ readonly valid: boolean; readonly subject_id?: string; readonly role?: string }>>
}

/** Cache, from capabilities/cache.yaml. */
export interface CacheCapability {
  get(input: { readonly key: string }): Promise<Outcome<{ readonly found: boolean; readonly value?: string }>>
  /** Keep a value, for a time when ttl_ms is given. */
  set(input: { readonly key: string; readonly value: string; readonly ttl_ms?: number | undefined; readonly only_if_absent?: boolean | undefined }): Promise<Outcome<{ readonly stored: boolean }>>
  delete(input: { readonly key: string }): Promise<Outcome<{ readonly deleted: boolean }>>
  /** Add to a number that starts at 0; ttl_ms counts from its first use. */
  increment(input: { readonly key: string; readonly by?: number | undefined; readonly ttl_ms?: number | undefined }): Promise<Outcome<{ readonly value: number }>>
}

/** Data sources, from capabilities/data_source.yaml. */
export interface DataSourceCapability {
  /** The tables and the columns of one. */
  describe(input: { readonly table?: string | undefined }): Promise<Outcome<{ readonly tables: unknown }>>
  /** A page of rows in the order of a column, after a row; rows without a value there or a key are left out. */
  read(input: { readonly table: string; readonly columns?: unknown; readonly order_by: string; readonly key: string; readonly after?: unknown; readonly limit?: number | undefined }): Promise<Outcome<{ readonly rows: unknown; readonly has_more: boolean }>>
  /** Insert or replace rows by key, all of them or none. */
  write(input: { readonly table: string; readonly key: string; readonly rows: unknown; readonly dry_run?: boolean | undefined }): Promise<Outcome<{ readonly inserted: number; readonly updated: number; readonly unchanged: number }>>
  count(input: { readonly table: string }): Promise<Outcome<{ readonly count: number }>>
}

/** E-mail, from capabilities/email.yaml. */
export interface EmailCapability {
  /** Hand one e-mail to the service that delivers it. */
  send(input: { readonly to: string; readonly to_name?: string | undefined; readonly from?: string | undefined; readonly reply_to?: string | undefined; readonly subject: string; readonly text: string; readonly html?: string | undefined; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly message_id: string }>>
}

/** Notifications, from capabilities/notification.yaml. */
export interface NotificationCapability {
  notify(input: { readonly event: string; readonly severity?: 'info' | 'warning' | 'error' | undefined; readonly title: string; readonly text?: string | undefined; readonly data?: unknown; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly delivered: boolean; readonly message_id?: string }>>
}

/** Sign-in elsewhere, from capabilities/oauth.yaml. */
export interface OauthCapability {
  /** Where to send the browser of who wants to sign in. */
  authorize(input: { readonly redirect_uri: string; readonly state: string; readonly nonce: string; readonly code_verifier: string }): Promise<Outcome<{ readonly url: string }>>
  /** Who came back, with everything that the provider says checked. */
  identify(input: { readonly callback: string; readonly redirect_uri: string; readonly state: string; readonly nonce: string; readonly code_verifier: string }): Promise<Outcome<{ readonly issuer: string; readonly subject: string; readonly email?: string; readonly email_verified: boolean; readonly name?: string }>>
}

/** Payment Processing, from capabilities/payment.yaml. */
export interface PaymentCapability {
  /** Make the customer that payments and subscriptions belong to. */
  create_customer(input: { readonly email: string; readonly name?: string | undefined; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly customer_id: string }>>
  /** Make a recurring price, which a plan is sold at. */
  create_price(input: { readonly name: string; readonly amount: number; readonly currency: string; readonly interval?: 'month' | 'year' | undefined; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly price_id: string }>>
  /** Let a price be sold, or archive it. */
  set_price(input: { readonly price_id: string; readonly active: boolean }): Promise<Outcome<{ readonly price_id: string }>>
  /** Read in which currencies amounts can be asked for, those that are wanted most first. */
  get_currencies(input: {}): Promise<Outcome<{ readonly currencies: unknown }>>
  /** Make a page on which the customer pays or subscribes. */
  create_checkout(input: { readonly customer_id: string; readonly price_id?: string | undefined; readonly amount?: number | undefined; readonly currency?: string | undefined; readonly reference?: string | undefined; readonly success_url: string; readonly cancel_url: string; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly checkout_id: string; readonly url: string }>>
  /** Read whether a page was paid on, and by which payment. */
  get_checkout(input: { readonly checkout_id: string }): Promise<Outcome<{ readonly checkout_id: string; readonly status: 'open' | 'paid' | 'expired'; readonly payment_id?: string; readonly reference?: string }>>
  /** Close a page that nobody shall pay on any more; one that is paid stays so, and says it. */
  expire_checkout(input: { readonly checkout_id: string }): Promise<Outcome<{ readonly checkout_id: string; readonly status: 'open' | 'paid' | 'expired' }>>
  /** Subscribe a customer to a price; where only customers can do so themselves, create_checkout with the price is the way. */
  create_subscription(input: { readonly customer_id: string; readonly price_id: string; readonly trial_days?: number | undefined; readonly idempotency_key?: string | undefined }): Promise<Outcome<{ readonly subscription_id: string; readonly status: 'incomplete' | 'trialing' | 'active' | 'past_due' | 'cancelled' | 'ended' }>>
  /** Move a subscription to another price. */
  change_subscription(input: { readonly subscription_id: string; readonly price_id: string }): Promise<Outcome<{ readonly subscription_id: string; readonly status: string }>>
  /** End a subscription now, or when its period ends. */
  cancel_subscription(input: { readonly subscription_id: string; readonly at_period_end?: boolean | undefined }): Promise<Outcome<{ readonly subscription_id: string; readonly status: string }>>
  /** Read how a subscription stands. */
  get_subscription(input: { readonly subscription_id: string }): Promise<Outcome<{ readonly subscription_id: string; readonly customer_id: string; readonly price_id: string; readonly status: string }>>
  /** Take an amount from a customer once, without them; not offered where a customer has to be there. */
  create_payment(input: { readonly customer_id: string; readonly amount: number; readonly currency: string; readonly reference?: string | undefined; readonly method_id?: string | undefined; readonly idempotency_key: string }): Promise<Outcome<{ readonly payment_id: string; readonly status: 'processing' | 'succeeded' | 'failed'; readonly decline_code?: string; readonly url?: string }>>
  /** Read how a payment stands. */
  get_payment(input: { readonly payment_id: string }): Promise<Outcome<{ readonly payment_id: string; readonly customer_id?: string; readonly amount: number; readonly amount_refunded: number; readonly currency: string; readonly status: 'processing' | 'succeeded' | 'failed'; readonly reference?: string; readonly decline_code?: string }>>
  /** Read which cards and other ways to pay the customer keeps. */
  list_payment_methods(input: { readonly customer_id: string }): Promise<Outcome<{ readonly methods: unknown }>>
  /** Make a page on which the customer leaves a way to pay, without paying. */
  create_setup(input: { readonly customer_id: string; readonly currency: string; readonly success_url: string; readonly cancel_url: string }): Promise<Outcome<{ readonly setup_id: string; readonly url: string }>>
  /** Forget a card or another way to pay. */
  remove_payment_method(input: { readonly customer_id: string; readonly method_id: string }): Promise<Outcome<{ readonly method_id: string }>>
  /** Read the payments of a time, for reconciliation. */
  list_payments(input: { readonly from: string; readonly to: string }): Promise<Outcome<{ readonly payments: unknown }>>
  /** Give back a payment or a part of it. */
  refund_payment(input: { readonly payment_id: string; readonly amount?: number | undefined; readonly idempotency_key: string }): Promise<Outcome<{ readonly refund_id: string; readonly amount: number; readonly status: string }>>
  /** Read how a refund stands. */
  get_refund(input: { readonly payment_id: string; readonly refund_id: string }): Promise<Outcome<{ readonly refund_id: string; readonly amount: number; readonly status: string }>>
  /** Read which payments something was given back of in a time, for reconciliation. */
  list_refunds(input: { readonly from: string; readonly to: string }): Promise<Outcome<{ readonly refunds: unknown }>>
  /** Read the disputes that opened in a time, for reconciliation. */
  list_disputes(input: { readonly from: string; readonly to: string }): Promise<Outcome<{ readonly disputes: unknown }>>
  /** Read how a payment that is contested stands. */
  get_dispute(input: { readonly dispute_id: string }): Promise<Outcome<{ readonly dispute_id: string; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly status: 'inquiry' | 'open' | 'won' | 'lost'; readonly reason?: string }>>
  /** Make a page on which the customer looks after cards and subscriptions. */
  create_portal_link(input: { readonly customer_id: string; readonly return_url: string }): Promise<Outcome<{ readonly url: string }>>
  /** Check the signature of a message from the service and say what it means. */
  handle_webhook(input: { readonly payload: unknown; readonly raw?: string | undefined; readonly headers?: unknown }): Promise<Outcome<{ readonly event_id?: string; readonly event_type: string; readonly processed: boolean; readonly payment_id?: string; readonly checkout_id?: string; readonly reference?: string; readonly dispute_id?: string; readonly subscription_id?: string; readonly customer_id?: string; readonly data?: unknown }>>
}

/** Background jobs, from capabilities/queue.yaml. */
export interface QueueCapability {
  /** Add a job; while one with the same name and dedupe_key waits or runs, none is added. */
  enqueue(input: { readonly name: string; readonly payload: unknown; readonly run_at?: string | undefined; readonly dedupe_key?: string | undefined; readonly attempts?: number | undefined }): Promise<Outcome<{ readonly job_id: string; readonly is_duplicate: boolean }>>
  /** Take jobs of these names that are due, oldest first, each under a lease that ends by itself. */
  take(input: { readonly names: unknown; readonly limit?: number | undefined; readonly lease_ms?: number | undefined }): Promise<Outcome<{ readonly jobs: unknown }>>
  /** Keep a lease for longer; refused when it has ended. */
  extend(input: { readonly job_id: string; readonly lease: string; readonly lease_ms: number }): Promise<Outcome<{ readonly extended: boolean }>>
  complete(input: { readonly job_id: string; readonly lease: string }): Promise<Outcome<{ readonly completed: boolean }>>
  fail(input: { readonly job_id: string; readonly lease: string; readonly error: string; readonly retry_at?: string | undefined }): Promise<Outcome<{ readonly state: 'waiting' | 'dead' | 'lost' }>>
  /** Give a job back as if it had not been taken; another one may take it at once. */
  release(input: { readonly job_id: string; readonly lease: string }): Promise<Outcome<{ readonly released: boolean }>>
  /** Add the job of one occurrence of a schedule, unless that one or a later one was added before. */
  recur(input: { readonly schedule: string; readonly occurs_at: string; readonly name: string; readonly payload: unknown; readonly attempts?: number | undefined }): Promise<Outcome<{ readonly added: boolean }>>
  /** Jobs, the youngest first. */
  list(input: { readonly state?: 'waiting' | 'running' | 'dead' | undefined; readonly name?: string | undefined; readonly before?: string | undefined; readonly limit?: number | undefined }): Promise<Outcome<{ readonly jobs: unknown; readonly has_more: boolean }>>
  /** Make a dead letter due again, with all its attempts. */
  revive(input: { readonly job_id: string }): Promise<Outcome<{ readonly revived: boolean }>>
  /** Delete a job that does not run. */
  delete(input: { readonly job_id: string }): Promise<Outcome<{ readonly deleted: boolean }>>
  count(input: { readonly name?: string | undefined }): Promise<Outcome<{ readonly waiting: number; readonly running: number; readonly dead: number }>>
}

/** Reconciliation, from capabilities/reconciliation.yaml. */
export interface ReconciliationCapability {
  /** The differences between two lists of rows by key. */
  compare(input: { readonly local: unknown; readonly external: unknown; readonly key: string; readonly fields: unknown }): Promise<Outcome<{ readonly matched: number; readonly differences: unknown }>>
  /** Compare records of ours with the rows of a data source, by their provider mappings. */
  run(input: { readonly module: string; readonly provider: string; readonly source_instance: string; readonly table: string; readonly key: string; readonly fields: unknown; readonly repair?: 'none' | 'local' | 'external' | undefined }): Promise<Outcome<{ readonly matched: number; readonly differences: unknown; readonly repaired: number; readonly failed: number; readonly failures?: unknown }>>
}

/** Search, from capabilities/search.yaml. */
export interface SearchCapability {
  /** Add a document or replace the one with its document_id. */
  put(input: { readonly collection: string; readonly document_id: string; readonly title: string; readonly text?: string | undefined; readonly data?: unknown }): Promise<Outcome<{ readonly document_id: string }>>
  remove(input: { readonly collection: string; readonly document_id: string }): Promise<Outcome<{ readonly removed: boolean }>>
  query(input: { readonly collection: string; readonly text: string; readonly limit?: number | undefined; readonly offset?: number | undefined }): Promise<Outcome<{ readonly hits: unknown; readonly total: number }>>
}

/** File storage, from capabilities/storage.yaml. */
export interface StorageCapability {
  put(input: { readonly key: string; readonly content: string; readonly content_type?: string | undefined }): Promise<Outcome<{ readonly key: string; readonly size: number; readonly etag?: string }>>
  get(input: { readonly key: string }): Promise<Outcome<{ readonly found: boolean; readonly content?: string; readonly content_type?: string; readonly size?: number }>>
  delete(input: { readonly key: string }): Promise<Outcome<{ readonly deleted: boolean }>>
  /** Keys in alphabetical order, after a key where one is given. */
  list(input: { readonly prefix?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<Outcome<{ readonly files: unknown; readonly has_more: boolean }>>
}

/** Synchronization, from capabilities/sync.yaml. */
export interface SyncCapability {
  /** Copy what is new since the watermark; the same job again goes on where it stopped. */
  run(input: { readonly job: string; readonly source_instance: string; readonly target_instance: string; readonly source_table: string; readonly target_table: string; readonly key: string; readonly watermark: string; readonly map?: unknown; readonly page_size?: number | undefined; readonly dry_run?: boolean | undefined; readonly most_pages?: number | undefined; readonly from?: unknown }): Promise<Outcome<{ readonly read: number; readonly inserted: number; readonly updated: number; readonly unchanged: number; readonly failed: number; readonly failures: unknown; readonly is_done: boolean; readonly watermark?: string; readonly position?: unknown }>>
  status(input: { readonly job: string }): Promise<Outcome<{ readonly found: boolean; readonly watermark?: string; readonly report?: unknown }>>
  /** Forget the watermark, so that the next run begins at the start. */
  reset(input: { readonly job: string }): Promise<Outcome<{ readonly reset: boolean }>>
}

/** Certificates, from capabilities/tls.yaml. */
export interface TlsCapability {
  /** A certificate for these names; takes as long as the authority's checks. */
  obtain(input: { readonly domains: unknown; readonly contact?: string | undefined }): Promise<Outcome<{ readonly certificate: string; readonly private_key: string; readonly expires_at: string }>>
  revoke(input: { readonly certificate: string; readonly reason?: number | undefined }): Promise<Outcome<{ readonly revoked: boolean }>>
}

/** The functions of every capability by its name. */
export interface CapabilityTable {
  readonly auth: AuthCapability
  readonly cache: CacheCapability
  readonly data_source: DataSourceCapability
  readonly email: EmailCapability
  readonly notification: NotificationCapability
  readonly oauth: OauthCapability
  readonly payment: PaymentCapability
  readonly queue: QueueCapability
  readonly reconciliation: ReconciliationCapability
  readonly search: SearchCapability
  readonly storage: StorageCapability
  readonly sync: SyncCapability
  readonly tls: TlsCapability
}

/** The name of a capability that ships with the product. */
export type CapabilityName = keyof CapabilityTable
