import type { Kysely } from 'kysely'
import type { Leases } from '#ports/leases.ts'

interface LeaseTables {
  leases: { name: string; holder: string; until: number }
}

/** Leases in a table of the database. */
export function createLeases<T>(database: Kysely<T>): Leases {
  const db = database as unknown as Kysely<LeaseTables>
  return {
    async take(name, holder, nowMs, untilMs) {
      const taken = await db
        .insertInto('leases')
        .values({ name, holder, until: untilMs })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, until: untilMs })
            .where((eb) => eb.or([eb('leases.until', '<=', nowMs), eb('leases.holder', '=', holder)])),
        )
        .returning('name')
        .execute()
      return taken.length === 1
    },
    async release(name, holder) {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute()
    },
  }
}
