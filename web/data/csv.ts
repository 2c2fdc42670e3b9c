/** One cell of a CSV file (RFC 4180); a text that a spreadsheet would carry out begins with an apostrophe. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const words = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(words) ? `'${words}` : words
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** The rows under their headings. */
export const csvOf = (
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string =>
  [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\r\n')

/** Gives the rows that are shown to the browser as a file. */
export function downloadCsv(
  name: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): void {
  download(`${name}.csv`, new Blob([csvOf(columns, rows)], { type: 'text/csv' }))
}

/** Gives something to the browser as a file. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  URL.revokeObjectURL(address)
}
