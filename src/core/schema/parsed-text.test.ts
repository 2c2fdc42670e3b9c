import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parseOnce } from './parsed-text.ts'

test.each([
  'a: 1\nb: [x, "1", null, true, 0x10]\n',
  'not a number: .nan\nlarge: .inf\nzero: -0\n',
  'at: 2026-01-01\n__proto__: { a: 1 }\n',
  '',
])('says the same the second time: %j', (text) => {
  const first = parseOnce(text)
  expect(first).toHaveProperty('data')
  expect(parseOnce(text)).toEqual(first)
})

test('what is changed in one reading is not changed in the next', () => {
  const list = (): number[] => (parseOnce('list: [1, 2]') as { data: { list: number[] } }).data.list
  list().push(3)
  expect(list()).toEqual([1, 2])
})

test('a later process reads what an earlier one kept, and reads again what was cut off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apigate-parsed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const text = 'name: value\nlist: [1, 2, 3]\n'
  const code = `const { parseOnce, keepParsed } = await import(${JSON.stringify(join(import.meta.dirname, 'parsed-text.ts'))})
    console.log(JSON.stringify(parseOnce(${JSON.stringify(text)})))
    keepParsed()`
  const inProcess = async (): Promise<unknown> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, NODE_COMPILE_CACHE: folder },
    })
    return JSON.parse(stdout)
  }
  const said = { data: { name: 'value', list: [1, 2, 3] } }
  expect(await inProcess()).toEqual(said)
  const kept = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
    /parsed-yaml/.test(name),
  )
  const file = join(folder, kept ?? '')
  const line = readFileSync(file, 'utf8')
  expect(line).toContain('{"name":"value","list":[1,2,3]}')

  truncateSync(file, line.length - 5)
  expect(await inProcess()).toEqual(said)
  expect(readFileSync(file, 'utf8')).toContain('{"name":"value","list":[1,2,3]}')
})
