import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateCapabilities } from '#core/provider/generate-capabilities.ts'
import { loadCapabilities } from '#core/provider/load-capabilities.ts'
import { generateRows } from '#core/schema/generate-rows.ts'
import { loadModules } from '#core/schema/load.ts'
import { generateErrorReference } from './generate-error-reference.ts'

const root = join(import.meta.dirname, '../..')

const generators: readonly { readonly path: string; text(): string | Promise<string> }[] = [
  { path: 'docs/errors.md', text: generateErrorReference },
  {
    path: 'src/contract/capabilities.gen.ts',
    text: async () => generateCapabilities(await loadCapabilities([join(root, 'capabilities')])),
  },
  {
    path: 'src/contract/rows.gen.ts',
    text: async () => generateRows(await loadModules([join(root, 'modules')])),
  },
]

/** Writes every generated file that is out of date and names it; with `isCheck` it only names them. */
export async function generateFiles(isCheck: boolean): Promise<readonly string[]> {
  const stale: string[] = []
  for (const { path, text } of generators) {
    const wanted = await text()
    const present = await readFile(join(root, path), 'utf8').catch(() => undefined)
    if (present === wanted) continue
    stale.push(path)
    if (!isCheck) await writeFile(join(root, path), wanted)
  }
  return stale
}
