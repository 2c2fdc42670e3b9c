import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => JSON.parse(readFileSync(resolve(root, file), 'utf8'))

test('every dependency is one exact version, and what it brings along has a checksum', () => {
  const { dependencies, devDependencies } = read('package.json') as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/)
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { integrity?: string; link?: boolean; resolved?: string }>
  }
  const loose = Object.entries(packages).filter(
    ([path, { integrity, link }]) => path !== '' && link !== true && !/^sha512-/.test(integrity ?? ''),
  )
  expect(loose.map(([path]) => path)).toEqual([])
})
