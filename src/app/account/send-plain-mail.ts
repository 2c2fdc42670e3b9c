import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Log } from '#ports/log.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'

interface Words {
  readonly subject: string
  /** Where in the portal the link leads; absent for a mail without one. */
  readonly page?: string
  readonly text: string
}

/** What each mail says. `{...}` stands for a value of its data, `{link}` for the link. */
const words: Readonly<Record<string, Words>> = {
  email_change: {
    subject: 'Confirm your new e-mail address',
    page: '/portal/confirm-email',
    text: 'Hello {name},\n\nconfirm that this is your new address within {expires}:\n{link}\n\nIf you did not ask for it, do nothing.',
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    text: 'Hello {name},\n\nyour account now signs in as {new_email}. If this was not you, write to us at once.',
  },
  email_verification: {
    subject: 'Verify your e-mail address',
    page: '/portal/verify-email',
    text: 'Hello {name},\n\nverify your address within {expires}:\n{link}\n\nIf you have no account here, do nothing.',
  },
  password_changed: {
    subject: 'Your password was changed',
    text: 'Hello {name},\n\nyour password was changed and all other sign-ins were ended. If this was not you, reset it now.',
  },
  password_reset: {
    subject: 'Reset your password',
    page: '/portal/reset-password',
    text: 'Hello {name},\n\nset a new password within {expires}:\n{link}\n\nIf you did not ask for it, do nothing: your password stays as it is.',
  },
  welcome: { subject: 'Welcome', text: 'Hello {name},\n\nyour account for {organization} is open.' },
}

const controls = /[\p{Cc}\u2028\u2029]+/gu

/**
 * Sends mails as plain text through the e-mail capability. Links lead to the setting `portal.base_url` and never to what a request
 * named as its host; without the setting they are paths.
 */
export function createSendPlainMail(deps: {
  readonly capabilities: Pick<Capabilities, 'capability'>
  readonly records: Records
  readonly log: Log
}): SendMail {
  return async ({ template, to, data, dedupeKey }) => {
    const { subject, page, text } = words[template] ?? { subject: template, text: template }
    const base = (await deps.records.getBy('setting', 'key', 'portal.base_url'))?.value ?? ''
    const link = page === undefined ? '' : `${base.replace(/\/+$/, '')}${page}?token=${data['token'] ?? ''}`
    const values: Readonly<Record<string, string>> = { ...data, link }
    // One pass, so that a name that looks like a placeholder stays a name.
    const filled = text.replace(/\{(\w+)\}/g, (_, name: string) =>
      (values[name] ?? '').replace(controls, ' '),
    )
    const sent = await deps.capabilities
      .capability('email')
      .send({ to, subject, text: filled, idempotency_key: dedupeKey.slice(0, 200) })
    if (!sent.ok) deps.log.warn({ template, code: sent.code }, 'a mail could not be sent')
  }
}
