import { createHash } from 'node:crypto'
import { isTelling, type TablePlan, type Total } from './format.ts'

type Values = readonly unknown[]

/** Counts the rows of a table as they pass, adds up money and units, and keeps a digest of all of them. */
export interface Tally {
  add(rows: readonly Values[]): void
  total(): Total
}

const summedColumns = ({ columns }: TablePlan) =>
  columns.flatMap(({ name, kind }, index) => (kind === 'integer' && isTelling(name) ? [{ name, index }] : []))

/** Begins to count a table. */
export function createTally(plan: TablePlan): Tally {
  // The sum of the rows' digests: the same whatever order a database reads them in.
  let digests = 0n
  const summed = summedColumns(plan)
  const sums = new Map(summed.map(({ name }) => [name, 0n]))
  let count = 0
  return {
    add(rows) {
      for (const row of rows) {
        digests += BigInt(`0x${createHash('sha256').update(JSON.stringify(row)).digest('hex')}`)
        for (const { name, index } of summed) {
          const value = row[index]
          if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0n) + BigInt(value))
        }
      }
      count += rows.length
    },
    total: () => ({
      table: plan.name,
      count,
      sums: Object.fromEntries([...sums].map(([name, sum]) => [name, String(sum)])),
      sha256: (digests % 2n ** 256n).toString(16).padStart(64, '0'),
    }),
  }
}

/** What differs between what was to be there and what is; undefined when nothing does. */
export function differenceOf(wanted: Total, found: Total): string | undefined {
  if (wanted.count !== found.count)
    return `${wanted.table} has ${found.count} rows instead of ${wanted.count}`
  for (const [name, sum] of Object.entries(wanted.sums))
    if (found.sums[name] !== sum)
      return `${wanted.table}.${name} adds up to ${found.sums[name]} instead of ${sum}`
  return wanted.sha256 === found.sha256 ? undefined : `${wanted.table} has other values`
}
