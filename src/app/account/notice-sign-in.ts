import type { UserRow } from '#contract/rows.gen.ts'
import { addressBlock } from '#domain/address-block.ts'
import type { Clock } from '#ports/clock.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { Background } from './background.ts'
import type { Origin } from './person.ts'

/** Lets somebody know that their account was signed in to from where, or with what, it never was. */
export type NoticeSignIn = (user: UserRow, sessionId: string, origin: Origin) => void

const remembered = 200

/** Compares with the sign-ins that are kept; the answer does not wait for it. A first sign-in ever is no news. */
export function createNoticeSignIn(deps: {
  readonly records: Records
  readonly sendMail: SendMail
  readonly background: Background
  readonly clock: Clock
}): NoticeSignIn {
  return (user, sessionId, { address, userAgent }) => {
    const time = new Date(deps.clock.now()).toISOString()
    deps.background.start('sign-in mail', async () => {
      const { items } = await deps.records.list('user_session', {
        where: [{ field: 'user_id', op: 'eq', value: user.id }],
        sort: { field: 'created_at', descending: true },
        limit: remembered,
      })
      const earlier = items.filter(({ id }) => id !== sessionId)
      const isKnownPlace = earlier.some(({ ip }) => addressBlock(ip) === addressBlock(address))
      const isKnownDevice = earlier.some((session) => session.user_agent === userAgent.slice(0, 400))
      if (earlier.length === 0 || (isKnownPlace && isKnownDevice)) return
      await deps.sendMail({
        template: 'new_sign_in',
        to: user.email,
        data: {
          name: user.name || user.email,
          time,
          address,
          device: userAgent.slice(0, 120) || 'not told',
        },
        dedupeKey: `new_sign_in ${sessionId}`,
      })
    })
  }
}
