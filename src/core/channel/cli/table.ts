import { displayWidth, fitText, safeText } from './safe-text.ts'

const gap = '  '
const narrowest = 8

/** One column of a table: its heading and how to fill it. */
export interface Column {
  readonly title: string
  /** Never cut: what people copy. */
  readonly isWhole?: boolean
}

/** How a table may look. */
export interface TableStyle {
  /** Columns of the screen; undefined cuts nothing. */
  readonly width: number | undefined
  readonly hasColours: boolean
}

/**
 * Draws rows under their headings, one line a row: numbers to the right, `-` for nothing, the widest columns cut first where
 * the screen is too narrow.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  style: TableStyle,
): string {
  const cells = rows.map((row) => columns.map((_, index) => cellText(row[index])))
  const isNumeric = columns.map((_, index) => {
    const values = rows.map((row) => row[index]).filter((value) => value !== null && value !== undefined)
    return (
      values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint')
    )
  })
  const natural = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  )
  const widths = style.width === undefined ? natural : fitWidths(columns, natural, style.width)
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) =>
        pad(fitText(text, widths[index] ?? 0), widths[index] ?? 0, isNumeric[index] === true),
      )
      .join(gap)
      .trimEnd()
  const heading = line(columns.map((column) => column.title.toUpperCase()))
  return [style.hasColours ? `\u001b[1m${heading}\u001b[22m` : heading, ...cells.map(line)].join('\n')
}

/** Draws one record, a field a line. */
export function renderFields(
  fields: readonly (readonly [name: string, value: unknown])[],
  style: TableStyle,
): string {
  const width = Math.max(0, ...fields.map(([name]) => displayWidth(name)))
  return fields
    .map(([name, value]) => {
      const title = pad(name, width, false)
      return `${style.hasColours ? `\u001b[2m${title}\u001b[22m` : title}${gap}${cellText(value)}`.trimEnd()
    })
    .join('\n')
}

/** A value as one line of safe text; nothing at all is `-`. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'object') return safeText(JSON.stringify(value))
  return safeText(String(value))
}

function fitWidths(
  columns: readonly Column[],
  natural: readonly number[],
  screen: number,
): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - screen
  while (excess > 0) {
    const widest = widths.reduce<number>((best, width, index) => {
      const canShrink = columns[index]?.isWhole !== true && width > narrowest
      return canShrink && width > (widths[best] ?? 0) ? index : best
    }, -1)
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return widths
}

function pad(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return isRight ? space + text : text + space
}
