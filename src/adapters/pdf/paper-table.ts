import type { Paper, PaperLine } from '#domain/billing/paper.ts'
import { colors, heightOf, nextPage, type Pen, place, printable, textBlock } from './pen.ts'

/** Where the columns begin and how wide they are; numbers stand at the right. */
const columns = {
  description: { x: place.left + 8, width: 236 },
  quantity: { x: 308, width: 62 },
  unitPrice: { x: 378, width: 70 },
  amount: { x: 456, width: place.right - 8 - 456 },
} as const

const headingHeight = 22
const sumWidth = 250
const sumHeight = 18
/** Digits of one width, so that columns stand straight; the alternates that depend on neighbours take long, and digits have none. */
const features = { tnum: true, calt: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[]
const digits: PDFKit.Mixins.TextOptions = { align: 'right', features }

/** Draws the lines, with their headings on every page; answers where they end. */
export function drawTable(pen: Pen, paper: Paper, from: number): number {
  const [first] = paper.lines
  const begins = headingHeight + (first === undefined ? 0 : rowHeight(pen, first))
  let y = drawHeadings(pen, paper, from + begins > place.bottom ? nextPage(pen) : from)
  for (const line of paper.lines) {
    const height = rowHeight(pen, line)
    if (y + height > place.bottom) y = drawHeadings(pen, paper, nextPage(pen))
    drawRow(pen, line, y)
    y += height
    pen.moveTo(place.left, y).lineTo(place.right, y).lineWidth(0.5).stroke(colors.line)
  }
  return y
}

function drawHeadings(pen: Pen, { currency, lines }: Paper, y: number): number {
  const hasQuantities = lines.some(({ quantity }) => quantity !== '')
  pen.roundedRect(place.left, y, place.right - place.left, headingHeight, 3).fill(colors.faint)
  pen.font('strong').fontSize(8).fillColor(colors.quiet)
  pen.text('Description', columns.description.x, y + 6, { width: columns.description.width })
  if (hasQuantities) {
    pen.text('Quantity', columns.quantity.x, y + 6, { width: columns.quantity.width, align: 'right' })
    pen.text('Unit price', columns.unitPrice.x, y + 6, { width: columns.unitPrice.width, align: 'right' })
  }
  const { x, width } = columns.amount
  pen.text(`Amount ${printable(currency)}`, x, y + 6, { width, align: 'right' })
  return y + headingHeight
}

const pad = 7

function rowHeight(pen: Pen, { description, note }: PaperLine): number {
  const { width } = columns.description
  pen.font('regular').fontSize(9)
  const text = heightOf(pen, description, width)
  if (note === '') return text + 2 * pad
  pen.fontSize(8)
  return text + heightOf(pen, note, width) + 2 * pad
}

function drawRow(pen: Pen, line: PaperLine, top: number): void {
  const { x, width } = columns.description
  pen.font('regular').fontSize(9).fillColor(colors.ink)
  const y = textBlock(pen, line.description, { x, y: top + pad, width })
  for (const name of ['quantity', 'unitPrice', 'amount'] as const) {
    const column = columns[name]
    pen.text(printable(line[name]), column.x, top + pad, { ...digits, width: column.width, lineBreak: false })
  }
  if (line.note === '') return
  pen.fontSize(8).fillColor(colors.quiet)
  textBlock(pen, line.note, { x, y, width })
}

/** Draws the sums, all of them on one page; answers where they end. */
export function drawSums(pen: Pen, { sums }: Paper, from: number): number {
  const height = sums.length * sumHeight + 14
  let y = from + 14 + height > place.bottom ? nextPage(pen) : from + 14
  const left = place.right - sumWidth
  for (const { label, amount, isStrong } of sums) {
    if (isStrong) {
      pen.moveTo(left, y).lineTo(place.right, y).lineWidth(1).stroke(colors.ink)
      y += 7
    }
    pen.font(isStrong ? 'strong' : 'regular').fontSize(isStrong ? 11 : 9)
    pen.fillColor(isStrong ? colors.ink : colors.quiet)
    pen.text(printable(label), left + 8, y, { width: 130, height: 14, ellipsis: true })
    pen.fillColor(colors.ink)
    pen.text(printable(amount), left + 100, y, { ...digits, width: sumWidth - 108, lineBreak: false })
    y += sumHeight
  }
  return y
}

/** Draws what is said below it all, on another page where there is no room. */
export function drawNotes(pen: Pen, { notes }: Paper, from: number): void {
  let y = from + 24
  const width = place.right - place.left
  for (const note of notes.flatMap((text) => text.split(/\r?\n/))) {
    pen.font('regular').fontSize(8).fillColor(colors.quiet)
    const height = heightOf(pen, note, width)
    if (y + height > place.bottom) y = nextPage(pen)
    pen.font('regular').fontSize(8).fillColor(colors.quiet)
    y = textBlock(pen, note, { x: place.left, y, width }) + 4
  }
}
