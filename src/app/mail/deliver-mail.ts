import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import { composeMail } from '#domain/mail/compose-mail.ts'
import { mailTemplates } from '#domain/mail/mail-templates.ts'
import { textPart } from '#domain/mail/text-part.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { JobHandler } from '#ports/capability/job-queue.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { LayOutMail } from '#ports/mail-layout.ts'
import type { Records } from '#ports/records.ts'
import type { ReadMailBrand } from './mail-brand.ts'
import { sealContext } from './send-mail.ts'

/** What delivering mails needs. */
export interface MailDelivery {
  readonly capabilities: Pick<Capabilities, 'capability'>
  readonly cipher: Cipher
  readonly records: Pick<Records, 'getBy'>
  readonly invoke: Invoke
  readonly brand: ReadMailBrand
  readonly layOut: LayOutMail
  readonly ids: Ids
  readonly log: Log
}

/**
 * Delivers one mail of the queue and notes that it was. A mail that was noted is not sent again; one whose note was lost by a crash is,
 * under the same key, by which providers that know keys see that it is the same.
 */
export function createDeliverMail(deps: MailDelivery): JobHandler {
  return async ({ payload }) => {
    const { template, digest, to, data } = openPayload(deps.cipher, payload)
    if ((await deps.records.getBy('email_message', 'dedupe_digest', digest)) !== undefined)
      return accept(undefined)
    const requestId = deps.ids.next('req')
    const brand = await deps.brand()
    if (brand.baseUrl === '')
      return refuse('service_unavailable', 'the setting portal.base_url is missing: links would lead nowhere')
    const mail = composeMail(template, data, brand)
    const sent = await deps.capabilities.capability('email').send({
      to,
      subject: mail.subject,
      text: textPart(mail),
      html: deps.layOut(mail),
      idempotency_key: digest,
    })
    const fields = { template: template.name, request_id: requestId }
    if (!sent.ok) {
      deps.log.warn({ ...fields, code: sent.code }, 'a mail could not be sent')
      return sent
    }
    const messageId = sent.value.message_id.slice(0, 1_000)
    const noted = await note(deps, requestId, { template: template.name, to, messageId, digest })
    if (!noted.ok && noted.code !== 'conflict') throw new Fault(noted.code, noted.message)
    deps.log.info(fields, 'a mail was sent')
    return accept(undefined)
  }
}

function note(
  { invoke }: Pick<MailDelivery, 'invoke'>,
  requestId: string,
  sent: { template: string; to: string; messageId: string; digest: string },
): Promise<Outcome<unknown>> {
  const { template, to, messageId: message_id, digest: dedupe_digest } = sent
  return invoke({
    module: 'email_message',
    action: 'create',
    input: { template, to, message_id, dedupe_digest },
    actor: systemActor,
    requestId,
  })
}

function openPayload(cipher: Cipher, payload: Readonly<Record<string, unknown>>) {
  const template = mailTemplates.get(String(payload['template']))
  const { digest, sealed } = payload
  if (template === undefined || typeof digest !== 'string' || typeof sealed !== 'string')
    throw new Fault('internal_error', 'a job that is not a mail')
  const { to, data } = JSON.parse(cipher.open(sealed, sealContext)) as {
    readonly to: string
    readonly data: Readonly<Record<string, string>>
  }
  return { template, digest, to, data }
}
