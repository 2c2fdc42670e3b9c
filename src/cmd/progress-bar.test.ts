import { expect, test } from 'vitest'
import { createProgressBar } from './progress-bar.ts'

const bar = (width: number | undefined) => {
  const written: string[] = []
  return { written, ...createProgressBar({ note: (text) => void written.push(text), width }) }
}

test('progress fills one line that never grows over the screen, and takes it away at the end', () => {
  const { written, show, end } = bar(40)
  show(0, 200)
  show(50, 200)
  show(300, 200)
  show(7, undefined)
  end()
  expect(written.map((text) => text.replace('\r\u001b[2K', ''))).toEqual([
    `[${'.'.repeat(30)}] 0% 0 r`.slice(0, 39),
    `[${'#'.repeat(8)}${'.'.repeat(22)}] 25% 50 rows`.slice(0, 39),
    `[${'#'.repeat(30)}] 100% 300 rows`.slice(0, 39),
    '7 rows',
    '',
  ])
})

test('nothing is written where nobody looks', () => {
  const { written, show, end } = bar(undefined)
  show(1, 2)
  end()
  expect(written).toEqual([])
})
