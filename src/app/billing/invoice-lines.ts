import type { Rows } from '#contract/rows.gen.ts'
import type { Records } from '#ports/records.ts'

/** The lines of an invoice, in their order. */
export async function linesOf(records: Records, invoiceId: string): Promise<readonly Rows['invoice_line'][]> {
  const lines: Rows['invoice_line'][] = []
  const where = [{ field: 'invoice_id', op: 'eq', value: invoiceId }] as const
  for await (const line of records.each('invoice_line', where)) lines.push(line)
  return lines.sort((a, b) => a.position - b.position)
}
