/** What a page is drawn with. */
export type Pen = PDFKit.PDFDocument

/** Where things stand on a page of A4, in points. */
export const place = {
  width: 595.28,
  height: 841.89,
  left: 56,
  right: 595.28 - 56,
  top: 56,
  /** Above the foot. */
  bottom: 841.89 - 76,
} as const

/** Quiet, and dark enough to be read when printed in grey. */
export const colors = {
  ink: '#1b1f23',
  quiet: '#5c646c',
  line: '#d9dee2',
  faint: '#f5f7f7',
  accent: '#1d6b57',
  warning: '#9a3412',
} as const

/** Text as it can be printed: on one line, without signs that cannot be seen or that turn others around. */
export const printable = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{C}/gu, '')

/** Draws text into a column and answers where it ends. */
export function textBlock(
  pen: Pen,
  text: string,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly gap?: number },
): number {
  const content = printable(text)
  const lineGap = at.gap ?? 2
  if (pen.widthOfString(content) <= at.width) {
    pen.text(content, at.x, at.y, { lineBreak: false })
    return at.y + pen.currentLineHeight(true) + lineGap
  }
  pen.text(content, at.x, at.y, { width: at.width, lineGap })
  return pen.y
}

/** How high text stands in a column. */
export function heightOf(pen: Pen, text: string, width: number): number {
  const content = printable(text)
  const lineGap = 2
  return pen.widthOfString(content) <= width
    ? pen.currentLineHeight(true) + lineGap
    : pen.heightOfString(content, { width, lineGap })
}

/** Begins another page and answers where one writes on it. */
export function nextPage(pen: Pen): number {
  pen.addPage()
  return place.top
}
