import type { CustomBehaviours, CustomComputations, CustomReactions } from 'apigate/behaviour'

const mostOpen = 20

/** What ticket.yaml calls by name. Everything a behaviour writes is in the transaction of its action. */
export const behaviours: CustomBehaviours = {
  async ticket_limit_open({ input, records, refuse }) {
    const open = await records.list('ticket', {
      where: [
        { field: 'organization_id', op: 'eq', value: input['organization_id'] },
        { field: 'state', op: 'eq', value: 'open' },
      ],
      limit: mostOpen,
    })
    if (open.items.length < mostOpen) return undefined
    return refuse('conflict', `An organization has at most ${mostOpen} open tickets`, {
      field: 'organization_id',
    })
  },

  ticket_answer({ input, before, now, log, id, revealOnce }) {
    input['answer'] = input['text']
    const waitedMs = now - Date.parse(String(before?.['created_at']))
    revealOnce('waited_minutes', Math.floor(waitedMs / 60_000))
    log.info({ ticket: id }, 'a ticket was answered')
  },
}

/** What is done after the commit, at least once for each event: here other services are called, and failures are tried again. */
export const reactions: CustomReactions = {
  ticket_tell_answer: {
    on: ['ticket.answered'],
    async run({ event, capability }) {
      const { code, title, answer } = event.data
      return capability('notification').notify({
        event: event.type,
        severity: 'info',
        title: `Ticket ${code ?? event.record_id} was answered`,
        text: `${title}\n\n${answer}`,
        idempotency_key: event.id,
      })
    },
  },
}

/** Fields that are worked out of the rest of their record, at every write of it. */
export const computed: CustomComputations = {
  ticket_slug: ({ title }) =>
    String(title)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-'),
}
