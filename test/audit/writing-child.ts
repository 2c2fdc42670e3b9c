import { auditedEngine } from './audit-bench.ts'

/** Writes without end into two organizations and prints each record once it is answered. */
const [dsn = '', modules = '', ...organizations] = process.argv.slice(2)
const { write } = await auditedEngine(dsn, { modules, now: Date.now })

async function writeOne(count: number): Promise<void> {
  const organization = organizations[count % organizations.length]
  const made = await write('note.create', { organization_id: organization, title: `note ${count}` })
  if (!made.ok) throw new Error(made.message)
  await write('note.archive', {}, made.value.row.id)
  process.stdout.write(`${made.value.row.id}\n`, () => void writeOne(count + 1))
}
for (let index = 0; index < 4; index++) void writeOne(index)
