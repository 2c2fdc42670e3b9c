import type { Kysely } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { KeyUse } from '#ports/key-use.ts'

interface KeyTable {
  api_keys: { id: string; last_used: string | null }
}

const everyMs = 10_000
const mostKept = 50_000
/** Other writers wait for the same lock. */
const atOnce = 100

/**
 * Keeps the last use of each key in memory and writes it every ten seconds, a hundred keys in a transaction. It is no write of a record:
 * no event and no audit entry comes of it. A later use that is stored, by another process too, stays.
 */
export function createKeyUse<T>(database: Kysely<T>, now: () => number): KeyUse {
  const db = database as unknown as Kysely<KeyTable>
  let used = new Map<string, number>()
  let writtenAt = now()

  async function flush(): Promise<void> {
    writtenAt = now()
    const waiting = [...used]
    used = new Map()
    while (waiting.length > 0) {
      const part = waiting.slice(0, atOnce)
      try {
        await db.transaction().execute((transaction) => write(transaction, part))
      } catch (error) {
        for (const [id, at] of waiting) keep(id, at)
        throw error
      }
      waiting.splice(0, part.length)
    }
  }

  function keep(id: string, at: number): void {
    if (at > (used.get(id) ?? 0)) used.set(id, at)
  }

  return {
    note(events: readonly UsageEvent[]) {
      for (const { api_key_id: id, at } of events) keep(id, at)
    },
    flush,
    flushDue: async () => {
      if (used.size > 0 && (used.size >= mostKept || now() - writtenAt >= everyMs)) await flush()
    },
  }
}

async function write(db: Kysely<KeyTable>, uses: readonly (readonly [id: string, at: number])[]) {
  // In the order of their ids: two processes that write the same keys must not wait for each other.
  for (const [id, at] of uses.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const time = new Date(at).toISOString()
    await db
      .updateTable('api_keys')
      .set({ last_used: time })
      .where('id', '=', id)
      .where((where) => where.or([where('last_used', 'is', null), where('last_used', '<', time)]))
      .execute()
  }
}
