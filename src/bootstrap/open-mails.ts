import { layOutMail } from '#adapters/mail/lay-out-mail.ts'
import { createDeliverMail } from '#app/mail/deliver-mail.ts'
import { createForgetMails } from '#app/mail/forget-mails.ts'
import { createReadMailBrand, type ReadMailBrand } from '#app/mail/mail-brand.ts'
import { createPreviewMails, type PreviewMails } from '#app/mail/preview-mails.ts'
import { createSendMail, mailJob } from '#app/mail/send-mail.ts'
import type { SendMail } from '#ports/mail.ts'
import type { House } from './open-house.ts'

/** The mails of an instance. */
export interface Mails {
  readonly send: SendMail
  readonly preview: PreviewMails
  /** How they look, and under which address the instance is reached. */
  readonly brand: ReadMailBrand
  /** Deletes old notes of what was sent. */
  forget(): Promise<void>
}

type Parts = Pick<
  House,
  'config' | 'engine' | 'cipher' | 'tokenDigest' | 'clock' | 'ids' | 'log' | 'providers' | 'jobs'
>

/** Joins the mails of a house and says who delivers them. */
export function openMails(house: Parts): Mails {
  const { config, engine, cipher, tokenDigest, clock, ids, log, providers, jobs } = house
  const { records, invoke } = engine
  // A mail with a link to a developer's machine is worse than one that waits.
  const usualBaseUrl =
    config.environment === 'production' ? '' : `http://localhost:${config.port === 0 ? 8080 : config.port}`
  const brand = createReadMailBrand({ records, usualBaseUrl })
  const { capabilities } = providers
  const deliver = createDeliverMail({
    capabilities,
    cipher,
    records,
    invoke,
    brand,
    layOut: layOutMail,
    ids,
    log,
  })
  jobs.queue.register(mailJob, deliver)
  const send = createSendMail({ queue: jobs.queue, cipher, tokenDigest, records })
  return {
    send,
    brand,
    preview: createPreviewMails({ brand, layOut: layOutMail, sendMail: send }),
    forget: createForgetMails({ records, invoke, ids, clock }),
  }
}
