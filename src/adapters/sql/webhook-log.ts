import { type Kysely, sql } from 'kysely'
import type { DueDelivery, Listener, NewDelivery, WebhookLog } from '#ports/webhook-log.ts'

/** What of the modules' tables is read and written here beside the engine: a log of every attempt would drown its events and its audit. */
interface WebhookTables {
  webhook_deliveries: {
    id: string
    organization_id: string | null
    endpoint_id: string
    event_id: string
    type: string
    record_id: string
    seq: number
    body: string
    state: 'pending' | 'delivered' | 'failed'
    attempts: number
    tries: number
    next_attempt_at: string | null
    last_attempt_at: string | null
    response_status: number | null
    duration_ms: number | null
    error: string | null
    delivered_at: string | null
    created_at: string
    updated_at: string
  }
  webhook_endpoints: {
    id: string
    organization_id: string | null
    /** Text on SQLite; parsed by the driver of PostgreSQL. */
    events: unknown
    status: string
    created_at: string
  }
}

const rowsAtOnce = 50
const prunedAtOnce = 1_000
/** However much waits at an endpoint, a look at it is short. */
const lookedAtOnce = 200

const iso = (ms: number): string => new Date(ms).toISOString()

/** The log of deliveries on the product's own database, or inside of a transaction on it. */
export function createWebhookLog<T>(database: Kysely<T>): WebhookLog {
  const db = database as unknown as Kysely<WebhookTables>
  return { ...recording(db), ...delivering(db) }
}

function recording(
  db: Kysely<WebhookTables>,
): Pick<WebhookLog, 'listeners' | 'add' | 'forgetEndpoint' | 'replayFailed' | 'prune'> {
  return {
    async listeners(organizationIds) {
      const rows = await db
        .selectFrom('webhook_endpoints')
        .select(['id', 'organization_id', 'events', 'created_at'])
        .where((eb) =>
          eb.or([
            eb('organization_id', 'is', null),
            ...(organizationIds.length === 0 ? [] : [eb('organization_id', 'in', organizationIds)]),
          ]),
        )
        .orderBy('id')
        .execute()
      return rows.map(
        (row): Listener => ({
          id: row.id,
          organizationId: row.organization_id,
          events: typeof row.events === 'string' ? (JSON.parse(row.events) as unknown) : row.events,
          createdAt: row.created_at,
        }),
      )
    },

    async add(deliveries, now) {
      for (let start = 0; start < deliveries.length; start += rowsAtOnce) {
        await db
          .insertInto('webhook_deliveries')
          .values(deliveries.slice(start, start + rowsAtOnce).map((one) => newRow(one, iso(now))))
          .onConflict((conflict) => conflict.columns(['endpoint_id', 'event_id']).doNothing())
          .execute()
      }
    },

    async forgetEndpoint(endpointId) {
      await db.deleteFrom('webhook_deliveries').where('endpoint_id', '=', endpointId).execute()
    },

    async replayFailed(endpointId, since, now) {
      await db
        .updateTable('webhook_deliveries')
        .set({ state: 'pending', tries: 0, next_attempt_at: iso(now), updated_at: iso(now) })
        .where('endpoint_id', '=', endpointId)
        .where('state', '=', 'failed')
        .where('created_at', '>=', since)
        .execute()
    },

    async prune(before) {
      const old = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('created_at', '<', iso(before))
        .limit(prunedAtOnce)
      const gone = await db.deleteFrom('webhook_deliveries').where('id', 'in', old).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

const newRow = (delivery: NewDelivery, now: string): WebhookTables['webhook_deliveries'] => ({
  id: delivery.id,
  organization_id: delivery.organizationId,
  endpoint_id: delivery.endpointId,
  event_id: delivery.eventId,
  type: delivery.type,
  record_id: delivery.recordId,
  seq: delivery.seq,
  body: delivery.body,
  state: 'pending',
  attempts: 0,
  tries: 0,
  next_attempt_at: now,
  last_attempt_at: null,
  response_status: null,
  duration_ms: null,
  error: null,
  delivered_at: null,
  created_at: now,
  updated_at: now,
})

type DueRow = Pick<
  WebhookTables['webhook_deliveries'],
  'id' | 'event_id' | 'type' | 'record_id' | 'seq' | 'body' | 'tries'
>

const shown = (row: DueRow): DueDelivery => ({
  id: row.id,
  eventId: row.event_id,
  type: row.type,
  recordId: row.record_id,
  seq: row.seq,
  body: row.body,
  tries: row.tries,
})

/** An earlier delivery of the same record to the same endpoint that is not done. */
const earlier = sql`
  from webhook_deliveries as earlier
  where earlier.endpoint_id = webhook_deliveries.endpoint_id
    and earlier.record_id = webhook_deliveries.record_id
    and earlier.state = 'pending' and earlier.seq < webhook_deliveries.seq`

function delivering(db: Kysely<WebhookTables>): Pick<WebhookLog, 'dueEndpoints' | 'due' | 'note'> {
  const dueAt = (now: number) =>
    db
      .selectFrom('webhook_deliveries')
      .where('state', '=', 'pending')
      .where('next_attempt_at', '<=', iso(now))
  return {
    async dueEndpoints(now, after, limit) {
      // Mostly there is nothing, and one look at an index says so.
      const any = await dueAt(now).select('id').limit(1).executeTakeFirst()
      if (any === undefined) return []
      const endpoints = await db
        .selectFrom('webhook_endpoints')
        .select('id')
        .where('status', '=', 'active')
        .where((eb) =>
          eb.exists(dueAt(now).select('id').where(sql<boolean>`endpoint_id = webhook_endpoints.id`)),
        )
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute()
      return endpoints.map(({ id }) => id)
    },

    async due(endpointId, now, limit) {
      const first = dueAt(now)
        .select('id')
        .where('endpoint_id', '=', endpointId)
        .orderBy('next_attempt_at')
        .orderBy('seq')
        .limit(lookedAtOnce)
      for (;;) {
        const rows = await db
          .selectFrom('webhook_deliveries')
          .select(['id', 'event_id', 'type', 'record_id', 'seq', 'body', 'tries'])
          .where('id', 'in', first)
          .where(sql<boolean>`not exists (select 1 ${earlier})`)
          .orderBy('seq')
          .limit(limit)
          .execute()
        if (rows.length > 0) return rows.map(shown)
        // Whatever waits for an earlier one waits as long as that does: then it is out of the way of others.
        const postponed = await db
          .updateTable('webhook_deliveries')
          .set({ next_attempt_at: sql<string>`(select max(earlier.next_attempt_at) ${earlier})` })
          .where('id', 'in', first)
          .where(sql<boolean>`exists (select 1 ${earlier})`)
          .executeTakeFirst()
        if (postponed.numUpdatedRows === 0n) return []
      }
    },

    async note({ id, at, durationMs, status, error, nextAttemptAt }) {
      const isDelivered = error === undefined
      const isOver = isDelivered || nextAttemptAt === undefined
      await db
        .updateTable('webhook_deliveries')
        .set({
          state: isDelivered ? 'delivered' : isOver ? 'failed' : 'pending',
          attempts: sql`attempts + 1`,
          tries: sql`tries + 1`,
          next_attempt_at: nextAttemptAt === undefined ? null : iso(nextAttemptAt),
          last_attempt_at: iso(at),
          response_status: status ?? null,
          duration_ms: durationMs,
          error: error ?? null,
          ...(isDelivered ? { delivered_at: iso(at) } : {}),
          updated_at: iso(at),
        })
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .execute()
    },
  }
}
