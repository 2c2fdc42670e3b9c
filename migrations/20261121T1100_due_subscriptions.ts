import { type Kysely, sql } from 'kysely'

/** What time changes next is asked for every minute. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index subscriptions_due on subscriptions (due_at) where due_at is not null`.execute(db)
}
