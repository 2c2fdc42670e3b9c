// Made by `npm run gen` from modules/*.yaml. Do not edit.

/** A stored API, from modules/api.yaml. */
export interface ApiRow {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly organization_id: string
  readonly visibility: 'private' | 'unlisted' | 'public'
  readonly is_default: boolean
  readonly status: 'active' | 'suspended'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored API key, from modules/api_key.yaml. */
export interface ApiKeyRow {
  readonly id: string
  readonly organization_id: string | null
  readonly user_id: string | null
  readonly subscription_id: string | null
  readonly hash: string | null
  readonly prefix: string | null
  readonly name: string
  readonly limits: unknown
  readonly own_limits: unknown
  readonly spend_cap: number | null
  readonly scopes: unknown
  readonly replaces_id: string | null
  readonly root_id: string | null
  readonly allow_ips: unknown
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly leaked_at: string | null
  readonly last_used: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored One-time token, from modules/auth_token.yaml. */
export interface AuthTokenRow {
  readonly id: string
  readonly user_id: string
  readonly purpose: 'email_verification' | 'password_reset' | 'email_change'
  readonly email: string
  readonly hash: string | null
  readonly expires_at: string
  readonly used_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Billing profile, from modules/billing_profile.yaml. */
export interface BillingProfileRow {
  readonly id: string
  readonly organization_id: string
  readonly legal_name: string
  readonly address: string
  readonly city: string
  readonly postal_code: string
  readonly country: string | null
  readonly tax_number: string
  readonly email: string | null
  readonly tax_exempt: boolean
  readonly payment_terms_days: number
  readonly top_up_below: number
  readonly top_up_amount: number
  readonly top_up_currency: string
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Budget alert, from modules/budget_alert.yaml. */
export interface BudgetAlertRow {
  readonly id: string
  readonly organization_id: string
  readonly api_key_id: string | null
  readonly route_id: string | null
  readonly measure: 'units' | 'spend'
  readonly currency: string | null
  readonly amount: number
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Coupon, from modules/coupon.yaml. */
export interface CouponRow {
  readonly id: string
  readonly code: string
  readonly basis_points: number
  readonly amount_off: number
  readonly currency: string | null
  readonly duration: 'once' | 'repeating' | 'forever'
  readonly periods: number
  readonly plan_id: string | null
  readonly max_redemptions: number | null
  readonly times_redeemed: number
  readonly expires_at: string | null
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Coupon redemption, from modules/coupon_redemption.yaml. */
export interface CouponRedemptionRow {
  readonly id: string
  readonly organization_id: string
  readonly coupon_id: string
  readonly subscription_id: string
  readonly code: string
  readonly redeemed_at: string
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Credit grant, from modules/credit_grant.yaml. */
export interface CreditGrantRow {
  readonly id: string
  readonly organization_id: string
  readonly kind: 'paid' | 'given' | 'credit_note'
  readonly origin: string | null
  readonly currency: string
  readonly amount: number
  readonly remaining: number | null
  readonly priority: number
  readonly expires_at: string | null
  readonly status: 'active' | 'used' | 'expired'
  readonly note: string
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Credit note, from modules/credit_note.yaml. */
export interface CreditNoteRow {
  readonly id: string
  readonly organization_id: string
  readonly invoice_id: string
  readonly number: string | null
  readonly sequence: number | null
  readonly origin: string
  readonly reason: string
  readonly currency: string
  readonly subtotal: number
  readonly tax: number
  readonly total: number
  readonly off_due: number
  readonly refunded: number
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Dispute, from modules/dispute.yaml. */
export interface DisputeRow {
  readonly id: string
  readonly organization_id: string
  readonly payment_id: string
  readonly invoice_id: string
  readonly provider: string
  readonly status: 'open' | 'won' | 'lost'
  readonly amount: number
  readonly currency: string
  readonly invoice_amount: number
  readonly reason: string
  readonly external_id: string | null
  readonly closed_at: string | null
  readonly notice_due: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Dummy payment object, from modules/dummy_payment_object.yaml. */
export interface DummyPaymentObjectRow {
  readonly id: string
  readonly kind: 'customer' | 'price' | 'checkout' | 'subscription' | 'payment'
  readonly external_id: string
  readonly fingerprint: string | null
  readonly revision: number
  readonly data: unknown
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Sent e-mail, from modules/email_message.yaml. */
export interface EmailMessageRow {
  readonly id: string
  readonly template: string
  readonly to: string
  readonly message_id: string | null
  readonly dedupe_digest: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored FX quote, from modules/fx_quote.yaml. */
export interface FxQuoteRow {
  readonly id: string
  readonly from_currency: string
  readonly to_currency: string
  readonly rate: string
  readonly source: string
  readonly valid_until: string
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Invitation, from modules/invitation.yaml. */
export interface InvitationRow {
  readonly id: string
  readonly organization_id: string
  readonly email: string
  readonly role: 'admin' | 'member'
  readonly invited_by: string | null
  readonly hash: string | null
  readonly status: 'pending' | 'accepted' | 'declined' | 'cancelled' | 'replaced'
  readonly is_mailed: boolean
  readonly expires_at: string | null
  readonly ended_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Invoice, from modules/invoice.yaml. */
export interface InvoiceRow {
  readonly id: string
  readonly organization_id: string
  readonly subscription_id: string | null
  readonly kind: 'period' | 'change' | 'true_up' | 'credit' | 'manual'
  readonly status: 'draft' | 'open' | 'overdue' | 'paid' | 'void' | 'uncollectible'
  readonly number: string | null
  readonly sequence: number | null
  readonly origin: string
  readonly original_invoice_id: string | null
  readonly plan_id: string | null
  readonly payee_id: string | null
  readonly period_start: string | null
  readonly period_end: string | null
  readonly finalize_at: string | null
  readonly currency: string
  readonly units: number
  readonly event_count: number
  readonly event_set_hash: string | null
  readonly usage_cutoff: number | null
  readonly rated_through: number | null
  readonly rated_amount: number | null
  readonly subtotal: number
  readonly tax: number
  readonly tax_country: string | null
  readonly tax_inclusive: boolean
  readonly total: number
  readonly credit_applied: number
  readonly credited: number
  readonly credited_subtotal: number
  readonly amount_due: number
  readonly amount_paid: number
  readonly platform_fee_bp: number
  readonly platform_fee: number
  readonly billed_to: unknown
  readonly mail_due: boolean
  readonly collect_at: string | null
  readonly collect_failures: number
  readonly issued_at: string | null
  readonly due_at: string | null
  readonly paid_at: string | null
  readonly payment_id: string | null
  readonly payment_provider: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Invoice line, from modules/invoice_line.yaml. */
export interface InvoiceLineRow {
  readonly id: string
  readonly organization_id: string
  readonly invoice_id: string
  readonly position: number
  readonly kind: string
  readonly description: string
  readonly quantity: number
  readonly unit_price: string
  readonly amount: number
  readonly currency: string
  readonly period_start: string | null
  readonly period_end: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Logged e-mail, from modules/logged_email.yaml. */
export interface LoggedEmailRow {
  readonly id: string
  readonly to: string
  readonly from: string | null
  readonly subject: string
  readonly text: string
  readonly html: string | null
  readonly idempotency_key: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Membership, from modules/membership.yaml. */
export interface MembershipRow {
  readonly id: string
  readonly organization_id: string
  readonly user_id: string
  readonly role: 'owner' | 'admin' | 'member'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Linked account, from modules/oauth_identity.yaml. */
export interface OauthIdentityRow {
  readonly id: string
  readonly user_id: string
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly email: string
  readonly last_used_at: string | null
  readonly unlinked_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Operator, from modules/operator.yaml. */
export interface OperatorRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly password_hash: string | null
  readonly totp_secret: string | null
  readonly totp_enabled_at: string | null
  readonly totp_step: number | null
  readonly recovery_hashes: unknown
  readonly role: 'superadmin' | 'support' | 'billing'
  readonly status: 'active' | 'suspended'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Operator token, from modules/operator_token.yaml. */
export interface OperatorTokenRow {
  readonly id: string
  readonly name: string
  readonly role: 'superadmin' | 'support' | 'billing'
  readonly hash: string | null
  readonly prefix: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Organization, from modules/organization.yaml. */
export interface OrganizationRow {
  readonly id: string
  readonly name: string
  readonly slug: string | null
  readonly email: string | null
  readonly is_operator: boolean
  readonly spend_cap: number | null
  readonly status: 'active' | 'suspended' | 'closed'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Ownership transfer, from modules/ownership_transfer.yaml. */
export interface OwnershipTransferRow {
  readonly id: string
  readonly organization_id: string
  readonly from_user_id: string
  readonly to_user_id: string
  readonly is_mailed: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Payment, from modules/payment.yaml. */
export interface PaymentRow {
  readonly id: string
  readonly organization_id: string
  readonly invoice_id: string
  readonly provider: string
  readonly method: 'checkout' | 'saved'
  readonly wanted_by: 'customer' | 'schedule'
  readonly payment_method_id: string | null
  readonly status: 'requested' | 'processing' | 'succeeded' | 'failed' | 'expired' | 'flagged'
  readonly amount: number
  readonly currency: string
  readonly invoice_amount: number
  readonly invoice_currency: string
  readonly fx_quote_id: string | null
  readonly origin: string
  readonly checkout_url: string | null
  readonly flag: string | null
  readonly decline_code: string | null
  readonly received_amount: number | null
  readonly received_currency: string | null
  readonly paid_at: string | null
  readonly refunded: number
  readonly save_due: boolean
  readonly mail_due: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Payment method, from modules/payment_method.yaml. */
export interface PaymentMethodRow {
  readonly id: string
  readonly organization_id: string
  readonly provider: string
  readonly kind: string
  readonly brand: string
  readonly last4: string
  readonly label: string
  readonly expires_at: string | null
  readonly is_default: boolean
  readonly decline_code: string | null
  readonly external_id: string | null
  readonly detach_due: boolean
  readonly status: 'active' | 'expired' | 'removed'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Plan, from modules/plan.yaml. */
export interface PlanRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly api_id: string | null
  readonly rate_limit_per_minute: number
  readonly rate_limit_scope: 'subscription' | 'key'
  readonly requests_per_month: number
  readonly quota_mode: 'hard' | 'soft' | 'warn'
  readonly quota_grace_pct: number
  readonly billable_below_status: number
  readonly bill_aborted: boolean
  readonly limits: unknown
  readonly price_model: 'flat' | 'per_unit' | 'graduated' | 'volume' | 'package' | 'percentage'
  readonly currency: string
  readonly price_monthly: number
  readonly overage_price: number
  readonly overage_unit_price: string
  readonly unit_price: string
  readonly package_size: number
  readonly basis_points: number
  readonly tiers: unknown
  readonly minimum_commitment: number
  readonly payment: 'postpaid' | 'prepaid'
  readonly billing_anchor: 'calendar_month' | 'start_day'
  readonly prorate_start: boolean
  readonly trial_days: number
  readonly trial_without_payment: 'activate' | 'pause' | 'cancel'
  readonly dunning_policy: 'throttle' | 'block' | null
  readonly entitlements: unknown
  readonly stripe_price_id: string | null
  readonly paddle_price_id: string | null
  readonly lemon_variant_id: string | null
  readonly is_default: boolean
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Price version, from modules/price_version.yaml. */
export interface PriceVersionRow {
  readonly id: string
  readonly plan_id: string
  readonly version: number
  readonly price_model: 'flat' | 'per_unit' | 'graduated' | 'volume' | 'package' | 'percentage'
  readonly currency: string
  readonly price_monthly: number
  readonly requests_per_month: number
  readonly quota_mode: 'hard' | 'soft' | 'warn'
  readonly overage_price: number
  readonly overage_unit_price: string
  readonly unit_price: string
  readonly package_size: number
  readonly basis_points: number
  readonly tiers: unknown
  readonly minimum_commitment: number
  readonly payment: 'postpaid' | 'prepaid'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Provider event, from modules/provider_event.yaml. */
export interface ProviderEventRow {
  readonly id: string
  readonly provider: string
  readonly event_id: string
  readonly event_type: string
  readonly status: 'received' | 'processed' | 'ignored' | 'flagged'
  readonly result: string | null
  readonly body: string | null
  readonly payment_id: string | null
  readonly checkout_id: string | null
  readonly reference: string | null
  readonly dispute_id: string | null
  readonly subscription_id: string | null
  readonly customer_id: string | null
  readonly processed_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Provider mapping, from modules/provider_mapping.yaml. */
export interface ProviderMappingRow {
  readonly id: string
  readonly provider: string
  readonly entity_type: string
  readonly local_id: string
  readonly external_id: string
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Reconciliation run, from modules/reconciliation_run.yaml. */
export interface ReconciliationRunRow {
  readonly id: string
  readonly compared: string
  readonly provider: string | null
  readonly source_instance: string
  readonly matched: number
  readonly differences: number
  readonly repaired: number
  readonly failed: number
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Refund, from modules/refund.yaml. */
export interface RefundRow {
  readonly id: string
  readonly organization_id: string
  readonly payment_id: string
  readonly invoice_id: string
  readonly provider: string
  readonly source: 'operator' | 'provider' | 'automatic'
  readonly status: 'requested' | 'succeeded' | 'failed'
  readonly amount: number
  readonly currency: string
  readonly invoice_amount: number
  readonly reason: string
  readonly origin: string
  readonly failure: string | null
  readonly ask_at: string
  readonly refunded_at: string | null
  readonly mail_due: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Route, from modules/route.yaml. */
export interface RouteRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly api_id: string | null
  readonly host_pattern: string
  readonly path_pattern: string
  readonly match_type: 'exact' | 'prefix' | 'regex'
  readonly methods: unknown
  readonly headers: unknown
  readonly upstream_id: string
  readonly path_rewrite: string | null
  readonly method_override: string | null
  readonly request_transform: unknown
  readonly response_transform: unknown
  readonly request_schema: unknown
  readonly cache: unknown
  readonly metering_expr: string
  readonly metering_mode: 'request' | 'response_field' | 'bytes' | 'custom'
  readonly metering_fallback: number
  readonly metering_max: number | null
  readonly limits: unknown
  readonly protocol: 'http' | 'http_stream' | 'sse' | 'websocket'
  readonly auth_required: boolean
  readonly scopes: unknown
  readonly allow_ips: unknown
  readonly deny_ips: unknown
  readonly cors: unknown
  readonly priority: number
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Route cap, from modules/route_cap.yaml. */
export interface RouteCapRow {
  readonly id: string
  readonly organization_id: string
  readonly route_id: string
  readonly cap: number
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Session, from modules/session.yaml. */
export interface SessionRow {
  readonly id: string
  readonly operator_id: string | null
  readonly hash: string | null
  readonly user_agent: string
  readonly ip: string
  readonly expires_at: string
  readonly revoked_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Setting, from modules/setting.yaml. */
export interface SettingRow {
  readonly id: string
  readonly key: string
  readonly value: string
  readonly secret_value: string | null
  readonly description: string
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Sign-in domain, from modules/sign_in_domain.yaml. */
export interface SignInDomainRow {
  readonly id: string
  readonly organization_id: string
  readonly domain: string
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string | null
  readonly scopes: string
  readonly default_role: 'admin' | 'member'
  readonly label: string
  readonly enabled: boolean
  readonly proof: string | null
  readonly proven_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Subscription, from modules/subscription.yaml. */
export interface SubscriptionRow {
  readonly id: string
  readonly organization_id: string
  readonly api_id: string | null
  readonly plan_id: string
  readonly price_version_id: string | null
  readonly pending_plan_id: string | null
  readonly status: 'incomplete' | 'trialing' | 'active' | 'past_due' | 'paused' | 'cancelled' | 'ended'
  readonly billing_anchor: 'calendar_month' | 'start_day' | null
  readonly anchored_at: string | null
  readonly earlier_anchor: unknown
  readonly started_at: string | null
  readonly current_period_start: string | null
  readonly current_period_end: string | null
  readonly bill_at: string | null
  readonly trial_end: string | null
  readonly grace_until: string | null
  readonly dunning_policy: 'throttle' | 'block' | null
  readonly restricted_at: string | null
  readonly throttle_per_minute: number | null
  readonly mail_due: boolean
  readonly cancelled_at: string | null
  readonly ends_at: string | null
  readonly due_at: string | null
  readonly resumes_to: string | null
  readonly pause_reason: 'customer' | 'operator' | 'unpaid' | 'trial_ended' | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Subscription change, from modules/subscription_change.yaml. */
export interface SubscriptionChangeRow {
  readonly id: string
  readonly organization_id: string
  readonly subscription_id: string
  readonly at: string
  readonly reason: string
  readonly from_plan_id: string | null
  readonly from_price_version_id: string | null
  readonly from_status: string | null
  readonly to_plan_id: string
  readonly to_price_version_id: string | null
  readonly to_status: string
  readonly prorates_start: boolean | null
  readonly currency: string | null
  readonly credit: number
  readonly charge: number
  readonly unused_seconds: number
  readonly period_seconds: number
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Sync job, from modules/sync_job.yaml. */
export interface SyncJobRow {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly source_instance: string
  readonly source_table: string
  readonly target_instance: string
  readonly target_table: string
  readonly key: string
  readonly watermark: string
  readonly map: unknown
  readonly page_size: number
  readonly schedule: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Sync run, from modules/sync_run.yaml. */
export interface SyncRunRow {
  readonly id: string
  readonly job: string
  readonly outcome: 'completed' | 'failed'
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
  readonly failures: unknown
  readonly error: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Tax rate, from modules/tax_rate.yaml. */
export interface TaxRateRow {
  readonly id: string
  readonly name: string
  readonly country: string
  readonly organization_id: string | null
  readonly percent: string
  readonly inclusive: boolean
  readonly compound: boolean
  readonly valid_from: string | null
  readonly valid_until: string | null
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Unknown payment, from modules/unknown_payment.yaml. */
export interface UnknownPaymentRow {
  readonly id: string
  readonly provider: string
  readonly external_id: string
  readonly amount: number
  readonly currency: string
  readonly reference: string | null
  readonly paid_at: string | null
  readonly status: 'found' | 'claimed' | 'settled' | 'flagged' | 'dismissed'
  readonly payment_id: string | null
  readonly note: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Upstream, from modules/upstream.yaml. */
export interface UpstreamRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly base_url: string
  readonly targets: unknown
  readonly timeout_ms: number
  readonly max_idle_conns: number
  readonly idle_conn_timeout_ms: number
  readonly auth_type: 'none' | 'header' | 'bearer' | 'basic'
  readonly auth_header: string
  readonly auth_value_encrypted: string | null
  readonly retries: number
  readonly retry_on_timeout: boolean
  readonly breaker_failures: number
  readonly breaker_open_ms: number
  readonly breaker_on_status: boolean
  readonly health_path: string
  readonly health_interval_ms: number
  readonly health_timeout_ms: number
  readonly health_healthy_after: number
  readonly health_unhealthy_after: number
  readonly max_connections: number
  readonly max_pending: number
  readonly enabled: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored User, from modules/user.yaml. */
export interface UserRow {
  readonly id: string
  readonly email: string
  readonly password_hash: string | null
  readonly name: string
  readonly email_verified_at: string | null
  readonly totp_secret: string | null
  readonly totp_enabled_at: string | null
  readonly totp_step: number | null
  readonly recovery_hashes: unknown
  readonly stripe_id: string | null
  readonly plan_id: string | null
  readonly organization_id: string | null
  readonly status: 'pending' | 'active' | 'suspended' | 'cancelled'
  readonly created_at: string
  readonly updated_at: string
}

/** A stored User session, from modules/user_session.yaml. */
export interface UserSessionRow {
  readonly id: string
  readonly user_id: string
  readonly active_organization_id: string | null
  readonly hash: string | null
  readonly user_agent: string
  readonly ip: string
  readonly idle_seconds: number
  readonly last_used_at: string | null
  readonly expires_at: string
  readonly revoked_at: string | null
  readonly impersonated_by: string | null
  readonly impersonation_reason: string | null
  readonly is_read_only: boolean
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Webhook delivery, from modules/webhook_delivery.yaml. */
export interface WebhookDeliveryRow {
  readonly id: string
  readonly organization_id: string | null
  readonly endpoint_id: string
  readonly event_id: string
  readonly type: string
  readonly record_id: string
  readonly seq: number | null
  readonly body: string | null
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly tries: number
  readonly next_attempt_at: string | null
  readonly last_attempt_at: string | null
  readonly response_status: number | null
  readonly duration_ms: number | null
  readonly error: string | null
  readonly delivered_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A stored Webhook endpoint, from modules/webhook_endpoint.yaml. */
export interface WebhookEndpointRow {
  readonly id: string
  readonly organization_id: string | null
  readonly url: string
  readonly description: string
  readonly events: unknown
  readonly status: 'active' | 'paused' | 'disabled'
  readonly signing_secret: string | null
  readonly previous_secret: string | null
  readonly previous_secret_until: string | null
  readonly failing_since: string | null
  readonly last_error: string | null
  readonly disabled_at: string | null
  readonly replay_since: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** The stored row of every module by its name. */
export interface Rows {
  api: ApiRow
  api_key: ApiKeyRow
  auth_token: AuthTokenRow
  billing_profile: BillingProfileRow
  budget_alert: BudgetAlertRow
  coupon: CouponRow
  coupon_redemption: CouponRedemptionRow
  credit_grant: CreditGrantRow
  credit_note: CreditNoteRow
  dispute: DisputeRow
  dummy_payment_object: DummyPaymentObjectRow
  email_message: EmailMessageRow
  fx_quote: FxQuoteRow
  invitation: InvitationRow
  invoice: InvoiceRow
  invoice_line: InvoiceLineRow
  logged_email: LoggedEmailRow
  membership: MembershipRow
  oauth_identity: OauthIdentityRow
  operator: OperatorRow
  operator_token: OperatorTokenRow
  organization: OrganizationRow
  ownership_transfer: OwnershipTransferRow
  payment: PaymentRow
  payment_method: PaymentMethodRow
  plan: PlanRow
  price_version: PriceVersionRow
  provider_event: ProviderEventRow
  provider_mapping: ProviderMappingRow
  reconciliation_run: ReconciliationRunRow
  refund: RefundRow
  route: RouteRow
  route_cap: RouteCapRow
  session: SessionRow
  setting: SettingRow
  sign_in_domain: SignInDomainRow
  subscription: SubscriptionRow
  subscription_change: SubscriptionChangeRow
  sync_job: SyncJobRow
  sync_run: SyncRunRow
  tax_rate: TaxRateRow
  unknown_payment: UnknownPaymentRow
  upstream: UpstreamRow
  user: UserRow
  user_session: UserSessionRow
  webhook_delivery: WebhookDeliveryRow
  webhook_endpoint: WebhookEndpointRow
}

/** The name of a module that ships with the product. */
export type ModuleName = keyof Rows
