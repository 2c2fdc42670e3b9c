import { expect, test } from 'vitest'
import type { Paper, PaperLine } from '#domain/billing/paper.ts'
import { drawPaper } from './draw-paper.ts'
import { printable } from './pen.ts'

const line = (description: string): PaperLine => ({
  description,
  note: '',
  quantity: '1,000',
  unitPrice: '0.000125',
  amount: '0.13',
})
const paper = (more: Partial<Paper> = {}): Paper => ({
  title: 'Invoice',
  number: 'INV-2026-000001',
  issuedAt: '2026-12-01T01:00:00.000Z',
  stamp: '',
  seller: ['Ọ̀ṣun Żółć Ελλάς Компания ₦ Ltd', 'Lagos'],
  buyer: ['Ada'],
  facts: [['Invoice', 'INV-2026-000001']],
  headline: '60.00 USD due 15 December 2026',
  currency: 'USD',
  lines: [line('Requests')],
  sums: [{ label: 'Due', amount: '60.00 USD', isStrong: true }],
  notes: ['Pay by transfer'],
  ...more,
})
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const pagesOf = (bytes: Uint8Array): number => latin(bytes).match(/\/Type \/Page\b/g)?.length ?? 0

test('the same document is the same bytes, and another one is not', async () => {
  const [one, two, other] = await Promise.all([
    drawPaper(paper()),
    drawPaper(paper()),
    drawPaper(paper({ buyer: ['Bea'] })),
  ])
  expect(latin(one).slice(0, 8)).toBe('%PDF-1.7')
  expect(Buffer.compare(one, two)).toBe(0)
  expect(Buffer.compare(one, other)).not.toBe(0)
})

test('hundreds of lines, endless words and endless addresses go over as many pages as they need', async () => {
  const lines = Array.from({ length: 80 }, (_, index) =>
    line(index % 20 === 0 ? 'W'.repeat(200) : `Route ${index}`),
  )
  const bytes = await drawPaper(
    paper({
      lines,
      seller: ['N'.repeat(120)],
      buyer: ['Long name '.repeat(20)],
      notes: ['Word '.repeat(200)],
    }),
  )
  const pages = pagesOf(bytes)
  // A page takes some thirty lines; an overflowing text would make one page for each.
  expect(pages).toBeGreaterThan(2)
  expect(pages).toBeLessThan(8)
}, 60_000)

test('text is drawn and never becomes a part of the file', async () => {
  const evil = ') >> endobj 1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >> ('
  const bytes = await drawPaper(
    paper({ number: evil, title: evil, seller: [evil], buyer: [evil], headline: evil, lines: [line(evil)] }),
  )
  expect(latin(bytes)).not.toMatch(/>> endobj 1 0 obj|\/JavaScript/)
  expect(latin(bytes).match(/\/Type \/Catalog/g)).toHaveLength(1)
})

test('signs that cannot be seen or turn others around are left out', () => {
  expect(printable('a\u0000b\r\nc\u202Ed\u200Be\uFEFF')).toBe('a b cde')
})
