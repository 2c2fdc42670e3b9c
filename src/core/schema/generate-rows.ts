import { basename } from 'node:path'
import type { Field, Module } from './module.ts'

const pascalCase = (name: string): string =>
  name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')

/** True when a stored value is never null: it is required, or a default stands in for what is not given. */
const isAlwaysThere = (field: Field): boolean =>
  field.isRequired || (field.default !== undefined && field.default !== null && field.type.name !== 'ref')

function rowInterface(module: Module): string {
  const lines = [...module.fields.values()]
    .filter((field) => !field.isWriteOnly)
    .map((field) => {
      const type = field.type.typescript(field)
      return `  readonly ${field.name}: ${isAlwaysThere(field) || type === 'unknown' ? type : `${type} | null`}`
    })
  return `/** A stored ${module.meta.displayName}, from modules/${basename(module.file)}. */\nexport interface ${pascalCase(module.name)}Row {\n${lines.join('\n')}\n}\n`
}

/** The TypeScript of every module's stored row, for `contract/rows.gen.ts`. */
export function generateRows(modules: ReadonlyMap<string, Module>): string {
  const all = [...modules.values()]
  const entries = all.map(({ name }) => `  ${name}: ${pascalCase(name)}Row`)
  return [
    '// Made by `npm run gen` from modules/*.yaml. Do not edit.\n',
    ...all.map(rowInterface),
    `/** The stored row of every module by its name. */\nexport interface Rows {\n${entries.join('\n')}\n}\n`,
    `/** The name of a module that ships with the product. */\nexport type ModuleName = keyof Rows\n`,
  ].join('\n')
}
