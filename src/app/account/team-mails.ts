import { systemActor } from '#contract/actor.ts'
import type { DomainEvent } from '#contract/events.ts'
import { accept, Fault } from '#contract/outcome.ts'
import type { InvitationRow, OwnershipTransferRow } from '#contract/rows.gen.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import { invitationToken } from './issue-invitation.ts'

/** Sends the mails that invitations and transfers still owe; sending one twice adds none. */
export type SendTeamMails = () => Promise<void>

const owes = { field: 'is_mailed', op: 'eq', value: false } as const

/** What is owed stands in the records themselves: what a crash or a full queue left is sent by the next run. */
export function createSendTeamMails(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly sendMail: SendMail
  readonly tokenDigest: TokenDigest
  readonly ids: Ids
  readonly clock: Clock
  readonly log: Log
}): SendTeamMails {
  const { records, sendMail } = deps

  const note = async (module: string, id: string, requestId: string): Promise<void> => {
    const noted = await deps.invoke({ actor: systemActor, requestId, module, action: 'note_mail', id })
    // Whatever was deleted meanwhile owes nothing any more.
    if (!noted.ok && noted.code !== 'not_found') throw new Fault(noted.code, noted.message)
  }
  const nameOf = async (userId: string) => {
    const user = await records.get('user', userId)
    return { email: user?.email ?? '', name: user?.name || user?.email || '' }
  }

  const invite = async (invitation: InvitationRow): Promise<void> => {
    const organization = await records.get('organization', invitation.organization_id)
    const inviter = invitation.invited_by === null ? '' : (await nameOf(invitation.invited_by)).name
    const name = organization?.name ?? ''
    await sendMail({
      template: 'team_invitation',
      to: invitation.email,
      data: {
        inviter: inviter || name,
        organization: name,
        role: invitation.role,
        token: invitationToken(deps.tokenDigest, invitation.id),
        expires: '7 days',
      },
      dedupeKey: `team_invitation ${invitation.id}`,
    })
  }

  const tell = async (transfer: OwnershipTransferRow): Promise<void> => {
    const organization = await records.get('organization', transfer.organization_id)
    const [former, next] = await Promise.all([nameOf(transfer.from_user_id), nameOf(transfer.to_user_id)])
    // Accounts that were brought along may have an address that no mail reaches.
    for (const { email, name } of [former, next].filter(({ email }) => mailAddress(email) !== undefined))
      await sendMail({
        template: 'organization_transfer',
        to: email,
        data: {
          name,
          organization: organization?.name ?? '',
          former_owner: former.email,
          new_owner: next.email,
          time: `${transfer.created_at.slice(0, 16).replace('T', ' ')} UTC`,
        },
        dedupeKey: `organization_transfer ${transfer.id} ${email}`,
      })
  }

  /** One mail that cannot be sent now does not keep the others. */
  const settle = async (module: string, id: string, send: () => Promise<void>): Promise<void> => {
    try {
      await send()
      await note(module, id, deps.ids.next('req'))
    } catch (error) {
      deps.log.error({ module, id, error }, 'a mail of a team could not be sent; tried again')
    }
  }

  return async () => {
    const now = new Date(deps.clock.now()).toISOString()
    const open = [owes, { field: 'status', op: 'eq', value: 'pending' } as const]
    for await (const invitation of records.each('invitation', [
      ...open,
      { field: 'expires_at', op: 'gt', value: now },
    ]))
      await settle('invitation', invitation.id, () => invite(invitation))
    for await (const transfer of records.each('ownership_transfer', [owes]))
      await settle('ownership_transfer', transfer.id, () => tell(transfer))
  }
}

/** Whether something was committed that owes a mail. */
export const owesTeamMail = (events: readonly DomainEvent[]): boolean =>
  events.some(({ type }) => type === 'invitation.created' || type === 'ownership_transfer.created')

const jobName = 'team.mails'

/** Lets the queue send every few minutes what is still owed. */
export function scheduleTeamMails(deps: {
  readonly queue: JobQueue
  readonly readRecurrence: ReadRecurrence
  readonly send: SendTeamMails
}): void {
  deps.queue.register(jobName, async () => {
    await deps.send()
    return accept(undefined)
  })
  const recurrence = deps.readRecurrence('*/5 * * * *')
  if (!recurrence.ok) throw new Fault('internal_error', recurrence.message)
  const schedule = { schedule: jobName, recurrence: recurrence.value, name: jobName, payload: {} }
  deps.queue.recurring(async () => [schedule])
}
