import type { UserRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Row } from '#ports/records.ts'
import type { Background } from '../background.ts'

/** Lets somebody know that an account elsewhere signs them in from now on. */
export type NoticeLink = (user: UserRow, link: Row) => void

/** The answer does not wait for the mail; a link is told once. */
export const createNoticeLink =
  (deps: {
    readonly sendMail: SendMail
    readonly background: Background
    readonly clock: Clock
  }): NoticeLink =>
  (user, link) => {
    const time = new Date(deps.clock.now()).toISOString()
    deps.background.start('link mail', () =>
      deps.sendMail({
        template: 'sign_in_linked',
        to: user.email,
        data: {
          name: user.name || user.email,
          provider: String(link['provider']),
          address: String(link['email'] || 'not told'),
          time,
        },
        dedupeKey: `sign_in_linked ${link.id}`,
      }),
    )
  }
