/** What stands in a cell. */
export type CsvCell = string | number | bigint | boolean | null | undefined

const number = /^-?\d+(?:\.\d+)?$/
/** What spreadsheets carry out as a formula, also in the wide forms of these signs. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** One line of a CSV file (RFC 4180). Text that a spreadsheet would carry out begins with an apostrophe; numbers stay numbers. */
export const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  const safe = formula.test(text) && !number.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
