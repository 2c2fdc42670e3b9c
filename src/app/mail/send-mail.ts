import { Fault } from '#contract/outcome.ts'
import { missingField } from '#domain/mail/compose-mail.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import { mailTemplates } from '#domain/mail/mail-templates.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'

/** The name of the jobs that deliver mails. */
export const mailJob = 'email.send'
/** What the sealed part of a job is bound to. */
export const sealContext = 'job.email.send'
/** With waits that double up to an hour this bridges an outage of a day. */
const attempts = 30

/**
 * Puts a mail on the queue. Address and data are sealed there, as links in it open accounts; it is rendered when it is delivered. A mail
 * whose key was delivered before, or waits, is not added. What is no mail (an unknown template, missing data, no address) is a Fault.
 */
export function createSendMail(deps: {
  readonly queue: Pick<JobQueue, 'enqueue'>
  readonly cipher: Cipher
  readonly tokenDigest: TokenDigest
  readonly records: Pick<Records, 'getBy'>
}): SendMail {
  return async ({ template: name, to, data, dedupeKey }) => {
    const template = mailTemplates.get(name)
    if (template === undefined) throw new Fault('internal_error', `there is no mail ${name}`)
    const missing = missingField(template, data)
    if (missing !== undefined) throw new Fault('internal_error', `the mail ${name} needs ${missing}`)
    const address = mailAddress(to)
    if (address === undefined) throw new Fault('validation_error', `the mail ${name} has no valid address`)
    const digest = deps.tokenDigest.digest(`mail ${dedupeKey}`)
    if ((await deps.records.getBy('email_message', 'dedupe_digest', digest)) !== undefined) return
    const shown = Object.fromEntries(Object.keys(template.sample).map((field) => [field, data[field]]))
    const sealed = deps.cipher.seal(JSON.stringify({ to: address, data: shown }), sealContext)
    const added = await deps.queue.enqueue({
      name: mailJob,
      payload: { template: name, digest, sealed },
      dedupeKey: digest,
      attempts,
    })
    if (!added.ok) throw new Fault(added.code, `the mail ${name} could not be put on the queue`)
  }
}
