import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import type { Paper } from '#domain/billing/paper.ts'
import { drawHead } from './paper-head.ts'
import { drawNotes, drawSums, drawTable } from './paper-table.ts'
import { colors, type Pen, place, printable } from './pen.ts'

const require = createRequire(import.meta.url)
const regular = require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf')
const strong = require.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf')

/** What the file says of itself stands in it as it is, also as XML: letters, digits and little else. */
const plain = (text: string): string => printable(text).replace(/[^\p{L}\p{M}\p{N} .,_-]+/gu, ' ')

/** Draws a document on pages of A4. Nothing but the document decides about the bytes: no clock, no machine. */
export async function drawPaper(paper: Paper): Promise<Uint8Array> {
  const { title, number, seller } = paper
  const pen = new PDFDocument({
    size: 'A4',
    // Pages are broken by hand, so that no row is torn and every page has its number.
    margins: { top: 0, bottom: 0, left: place.left, right: place.left },
    bufferPages: true,
    pdfVersion: '1.7',
    lang: 'en',
    displayTitle: true,
    font: regular,
    info: {
      Title: plain(`${title} ${number}`),
      Author: plain(seller[0] ?? ''),
      CreationDate: new Date(paper.issuedAt),
    },
  })
  const parts: Uint8Array[] = []
  const done = new Promise<void>((resolve, reject) => {
    pen.on('data', (part: Uint8Array) => parts.push(part))
    pen.on('end', resolve)
    pen.on('error', reject)
  })
  pen.registerFont('regular', regular)
  pen.registerFont('strong', strong)
  const below = drawTable(pen, paper, drawHead(pen, paper))
  drawNotes(pen, paper, drawSums(pen, paper, below))
  drawFeet(pen, paper)
  pen.end()
  await done
  return Buffer.concat(parts)
}

function drawFeet(pen: Pen, { number, seller }: Paper): void {
  const { start, count } = pen.bufferedPageRange()
  const name = printable([seller[0], number].filter((text) => text !== undefined && text !== '').join(' · '))
  for (let page = start; page < start + count; page += 1) {
    pen.switchToPage(page)
    const y = place.height - 44
    pen
      .moveTo(place.left, y - 10)
      .lineTo(place.right, y - 10)
      .lineWidth(0.5)
      .stroke(colors.line)
    pen.font('regular').fontSize(8).fillColor(colors.quiet)
    pen.text(name, place.left, y, { width: 380, height: 10, ellipsis: true })
    pen.text(`Page ${page - start + 1} of ${count}`, place.right - 100, y, { width: 100, align: 'right' })
  }
}
