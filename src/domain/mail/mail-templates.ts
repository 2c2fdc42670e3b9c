import type { MailTemplate } from './mail-template.ts'
import { accessRestricted } from './templates/access-restricted.ts'
import { accountClosed } from './templates/account-closed.ts'
import { billingInvoice } from './templates/billing-invoice.ts'
import { emailChange } from './templates/email-change.ts'
import { emailChanged } from './templates/email-changed.ts'
import { emailVerification } from './templates/email-verification.ts'
import { keyCreated } from './templates/key-created.ts'
import { keyLeaked } from './templates/key-leaked.ts'
import { keyRevoked } from './templates/key-revoked.ts'
import { newSignIn } from './templates/new-sign-in.ts'
import { organizationTransfer } from './templates/organization-transfer.ts'
import { overduePayment } from './templates/overdue-payment.ts'
import { passwordChanged } from './templates/password-changed.ts'
import { passwordReset } from './templates/password-reset.ts'
import { paymentFailed } from './templates/payment-failed.ts'
import { paymentRefunded } from './templates/payment-refunded.ts'
import { paymentSuccess } from './templates/payment-success.ts'
import { signInLinked } from './templates/sign-in-linked.ts'
import { spendAlert } from './templates/spend-alert.ts'
import { teamInvitation } from './templates/team-invitation.ts'
import { twoFactorDisabled } from './templates/two-factor-disabled.ts'
import { twoFactorEnabled } from './templates/two-factor-enabled.ts'
import { usageAlert } from './templates/usage-alert.ts'
import { webhookDisabled } from './templates/webhook-disabled.ts'
import { welcome } from './templates/welcome.ts'

/** Every mail that the product sends, by name. */
export const mailTemplates: ReadonlyMap<string, MailTemplate> = new Map(
  [
    accessRestricted,
    accountClosed,
    billingInvoice,
    emailChange,
    emailChanged,
    emailVerification,
    keyCreated,
    keyLeaked,
    keyRevoked,
    newSignIn,
    organizationTransfer,
    overduePayment,
    passwordChanged,
    passwordReset,
    paymentFailed,
    paymentRefunded,
    paymentSuccess,
    signInLinked,
    spendAlert,
    teamInvitation,
    twoFactorDisabled,
    twoFactorEnabled,
    usageAlert,
    webhookDisabled,
    welcome,
  ].map((template) => [template.name, template]),
)
