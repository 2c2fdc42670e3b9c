import type { Paper } from '#domain/billing/paper.ts'
import { colors, type Pen, place, printable, textBlock } from './pen.ts'

const factsAt = 350
const factWidth = 72

/** Draws who sells, what it is, who buys and the facts; answers where the table begins. */
export function drawHead(pen: Pen, paper: Paper): number {
  const [name = '', ...address] = paper.seller
  pen.rect(0, 0, place.width, 6).fill(colors.accent)
  pen.font('strong').fontSize(20).fillColor(colors.accent)
  pen.text(printable(paper.title), factsAt, place.top, { width: place.right - factsAt, align: 'right' })
  pen.font('strong').fontSize(13).fillColor(colors.ink)
  let y = textBlock(pen, name, { x: place.left, y: place.top + 4, width: factsAt - place.left - 24 })
  pen.font('regular').fontSize(9).fillColor(colors.quiet)
  for (const line of address)
    y = textBlock(pen, line, { x: place.left, y: y + 1, width: factsAt - place.left - 24 })
  y = Math.max(y, place.top + 30) + 30
  y = Math.max(drawBuyer(pen, paper, y), drawFacts(pen, paper, y)) + 28
  if (paper.stamp !== '') {
    pen.font('strong').fontSize(11).fillColor(colors.warning)
    y = textBlock(pen, paper.stamp, { x: place.left, y, width: place.right - place.left }) + 12
  }
  pen.font('strong').fontSize(16).fillColor(colors.ink)
  return textBlock(pen, paper.headline, { x: place.left, y, width: place.right - place.left }) + 22
}

function drawBuyer(pen: Pen, { buyer }: Paper, from: number): number {
  const column = { x: place.left, width: factsAt - place.left - 24 }
  pen.font('regular').fontSize(8).fillColor(colors.quiet)
  let y = textBlock(pen, 'Billed to', { ...column, y: from }) + 3
  for (const [index, line] of buyer.entries()) {
    pen.font(index === 0 ? 'strong' : 'regular').fontSize(index === 0 ? 10 : 9)
    pen.fillColor(index === 0 ? colors.ink : colors.quiet)
    y = textBlock(pen, line, { ...column, y: y + 1 })
  }
  return y
}

function drawFacts(pen: Pen, { facts }: Paper, from: number): number {
  let y = from
  for (const [label, value] of facts) {
    pen.font('regular').fontSize(9).fillColor(colors.quiet)
    pen.text(printable(label), factsAt, y, { width: factWidth })
    pen.fillColor(colors.ink)
    const width = place.right - factsAt - factWidth
    y = textBlock(pen, value, { x: factsAt + factWidth, y, width }) + 4
  }
  return y
}
