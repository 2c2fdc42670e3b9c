import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isInTestTime, openTestClock } from './test-clock.ts'

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'apigate-clock-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('a test clock goes on from where it was moved to, also after a restart', () => {
  const [data, machine] = [directory(), { at: 1_000 }]
  const open = () => openTestClock(data, { now: () => machine.at })
  expect([open().now(), isInTestTime(data)]).toEqual([1_000, false])
  open().moveTo(50_000)
  machine.at += 7
  expect([open().now(), open().aheadMs(), isInTestTime(data)]).toEqual([50_007, 49_000, true])
})

test('the time of a test clock never goes back', () => {
  const clock = openTestClock(directory(), { now: () => 1_000 })
  clock.moveTo(2_000)
  for (const at of [1_999, 0, Number.NaN, 2_000.5])
    expect(() => clock.moveTo(at)).toThrow(/only moves forward/)
  expect(clock.now()).toBe(2_000)
})

test('a file that says no time is not taken for the time of the machine', () => {
  const data = directory()
  writeFileSync(join(data, 'test-clock.json'), '{"ahead_ms":-5}')
  expect(() => openTestClock(data)).toThrow(/how far/)
})
