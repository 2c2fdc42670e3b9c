import { sql } from 'kysely'
import type { Outcome } from '#contract/outcome.ts'
import type { Unit } from './runtime.ts'

/** Runs a part of a transaction that is undone as a whole, with the events it would tell, when it refuses or fails. */
export async function withSavepoint<T>(
  unit: Unit,
  depth: number,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const savepoint = sql.raw(`nested_${depth}`)
  const told = unit.events.length
  const kept = unit.entries.length
  const leaving = [...unit.leaving]
  const { released } = unit
  await sql`savepoint ${savepoint}`.execute(unit.db)
  const undo = async (): Promise<void> => {
    unit.events.length = told
    unit.entries.length = kept
    unit.leaving.clear()
    for (const record of leaving) unit.leaving.add(record)
    unit.released = released
    await sql`rollback to savepoint ${savepoint}`.execute(unit.db)
  }
  let outcome: Outcome<T>
  try {
    outcome = await work()
  } catch (error) {
    await undo()
    throw error
  }
  if (!outcome.ok) await undo()
  await sql`release savepoint ${savepoint}`.execute(unit.db)
  return outcome
}
