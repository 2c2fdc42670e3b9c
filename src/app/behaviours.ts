import type { Behaviour } from '#ports/behaviour.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type { KeyHash, PasswordHashing, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import { checkApiKey, checkRevoke, issueApiKey, retireApiKey } from './access/api-key.ts'
import { renewApiKeyHash } from './access/renew-key-hash.ts'
import { capSpending, restrictApiKey } from './access/restrict-key.ts'
import { createAccountBehaviours } from './account/behaviours.ts'
import { createBillingBehaviours } from './billing/behaviours.ts'
import { checkCoupon, countRedemption, redeemCoupon } from './billing/coupons.ts'
import { decideSubscription } from './billing/decide-subscription.ts'
import { logSubscriptionChange } from './billing/log-change.ts'
import { checkPlanEntitlements, checkPlanPrice } from './catalogue/check-price.ts'
import { checkPlanLimits } from './catalogue/limits.ts'
import { keepDefaultApi, keepOneDefault } from './catalogue/plan.ts'
import { createCheckRoute } from './catalogue/route.ts'
import { mirrorPlanToUsers, takeSubscriptionDefaults } from './catalogue/subscription.ts'
import { checkUpstream } from './catalogue/upstream.ts'
import { createIdentityBehaviours } from './identity/behaviours.ts'
import { keepAnOwner, subscribeDefault, takeSlug } from './identity/organization.ts'
import {
  changeOwnPlan,
  checkUserTransition,
  joinOwnOrganization,
  openOwnOrganization,
} from './identity/own-organization.ts'
import { createPaymentBehaviours } from './payments/behaviours.ts'
import { followDummyPaymentRevision } from './providers/dummy-payment.ts'
import { createCheckSetting } from './settings/gateway-settings.ts'
import { announceReconciliation, announceSyncRun } from './sync/announce-run.ts'
import { createCheckSyncJob } from './sync/check-sync-job.ts'
import { checkRouteCap, checkUsageAlert } from './usage/check-alert.ts'
import { createWebhookBehaviours } from './webhooks/behaviours.ts'

/** Every behaviour that a module's YAML may `call:`, by the name it uses there. */
export function createBehaviours(deps: {
  readonly ids: Ids
  readonly tokenDigest: TokenDigest
  readonly passwordHashing: PasswordHashing
  readonly keyHash: KeyHash
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
  readonly readRecurrence: ReadRecurrence
  /** The modules whose records are data sources. */
  readonly dataSources: readonly string[]
  /** True for settings keys that hold a provider's secret. */
  readonly isSecretSetting: (key: string) => boolean
  /** The payment providers that take money, by their short names. */
  readonly paymentProviders: readonly string[]
  /** True for hosts of URLs that are private addresses. */
  readonly isPrivateHost: (host: string) => boolean
}): Readonly<Record<string, Behaviour>> {
  return {
    ...createAccountBehaviours(deps),
    ...createBillingBehaviours(),
    ...createPaymentBehaviours(),
    api_keep_default: keepDefaultApi,
    reconciliation_run_announce: announceReconciliation,
    sync_run_announce: announceSyncRun,
    api_key_check: checkApiKey,
    api_key_check_revoke: checkRevoke,
    api_key_issue: issueApiKey(deps),
    api_key_renew_hash: renewApiKeyHash,
    api_key_restrict: restrictApiKey,
    api_key_retire: retireApiKey,
    membership_keep_an_owner: keepAnOwner,
    dummy_payment_follow_revision: followDummyPaymentRevision,
    organization_cap_spending: capSpending,
    organization_subscribe_default: subscribeDefault,
    organization_take_slug: takeSlug(deps.ids),
    coupon_check: checkCoupon,
    coupon_count: countRedemption,
    plan_check_entitlements: checkPlanEntitlements,
    plan_check_limits: checkPlanLimits,
    plan_check_price: checkPlanPrice,
    plan_keep_one_default: keepOneDefault,
    route_check: createCheckRoute(deps),
    setting_check: createCheckSetting({
      isSecret: deps.isSecretSetting,
      paymentProviders: deps.paymentProviders,
    }),
    subscription_decide: decideSubscription,
    subscription_log_change: logSubscriptionChange,
    subscription_mirror_plan: mirrorPlanToUsers,
    subscription_redeem_coupon: redeemCoupon,
    subscription_take_defaults: takeSubscriptionDefaults,
    sync_job_check: createCheckSyncJob(deps),
    upstream_check: checkUpstream,
    budget_alert_check: checkUsageAlert,
    route_cap_check: checkRouteCap,
    user_change_plan: changeOwnPlan,
    user_check_transition: checkUserTransition,
    user_join_own_organization: joinOwnOrganization,
    user_open_own_organization: openOwnOrganization,
    ...createIdentityBehaviours(deps),
    ...createWebhookBehaviours(deps),
  }
}
