import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import { composeMail } from '#domain/mail/compose-mail.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import { mailTemplates } from '#domain/mail/mail-templates.ts'
import { textPart } from '#domain/mail/text-part.ts'
import type { SendMail } from '#ports/mail.ts'
import type { LayOutMail } from '#ports/mail-layout.ts'
import type { ReadMailBrand } from './mail-brand.ts'

/** A kind of mail, as operators see it in a list. */
export interface MailKind {
  readonly template: string
  readonly description: string
}

/** A mail with sample data, as its reader would get it. */
export interface MailPreview extends MailKind {
  readonly data: Readonly<Record<string, string>>
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Looking at every mail before somebody gets it. */
export interface PreviewMails {
  list(): readonly MailKind[]
  show(template: string): Promise<Outcome<MailPreview>>
  /** Sends one with sample data; `key` makes two of the same asking one. */
  test(wish: {
    readonly template: string
    readonly to: string
    readonly key: string
  }): Promise<Outcome<{ template: string; to: string }>>
}

const unknown = (name: string) => refuse('not_found', `There is no e-mail "${shortened(name)}"`)

/** Previews of all templates in the looks of the instance. */
export function createPreviewMails(deps: {
  readonly brand: ReadMailBrand
  readonly layOut: LayOutMail
  readonly sendMail: SendMail
}): PreviewMails {
  return {
    list: () => [...mailTemplates.values()].map(({ name, description }) => ({ template: name, description })),
    async show(name) {
      const template = mailTemplates.get(name)
      if (template === undefined) return unknown(name)
      const { description, sample } = template
      const mail = composeMail(template, sample, await deps.brand())
      return accept({
        template: name,
        description,
        data: sample,
        subject: mail.subject,
        text: textPart(mail),
        html: deps.layOut(mail),
      })
    },
    async test({ template: name, to, key }) {
      const template = mailTemplates.get(name)
      if (template === undefined) return unknown(name)
      const address = mailAddress(to)
      if (address === undefined) return refuseFields([{ field: 'to', reason: 'must be an e-mail address' }])
      await deps.sendMail({ template: name, to: address, data: template.sample, dedupeKey: `test ${key}` })
      return accept({ template: name, to: address })
    },
  }
}
