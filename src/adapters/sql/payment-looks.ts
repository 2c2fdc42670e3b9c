import type { Kysely } from 'kysely'
import type { PaymentLooks } from '#ports/payment-looks.ts'

interface LookTables {
  payment_looks: { list: string; until: number }
}

/** The looks in a table of the database. */
export function createPaymentLooks<T>(database: Kysely<T>): PaymentLooks {
  const db = database as unknown as Kysely<LookTables>
  return {
    async until(list) {
      const row = await db
        .selectFrom('payment_looks')
        .select('until')
        .where('list', '=', list)
        .executeTakeFirst()
      return row === undefined ? undefined : Number(row.until)
    },
    async note(list, untilMs) {
      await db
        .insertInto('payment_looks')
        .values({ list, until: untilMs })
        .onConflict((conflict) =>
          conflict.column('list').doUpdateSet({ until: untilMs }).where('payment_looks.until', '<', untilMs),
        )
        .execute()
    },
  }
}
