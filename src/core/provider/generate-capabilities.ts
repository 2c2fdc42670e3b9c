import { basename } from 'node:path'
import type { Field } from '../schema/module.ts'
import type { Capability } from './capability.ts'

const pascalCase = (name: string): string =>
  name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')

const hasDefault = (field: Field): boolean => field.default !== undefined && field.default !== null

function members(fields: readonly Field[], isOutput: boolean): string {
  if (fields.length === 0) return '{}'
  const parts = fields.map((field) => {
    const isSure = field.isRequired || (isOutput && hasDefault(field))
    const type = field.type.typescript(field)
    return `readonly ${field.name}${isSure ? '' : '?'}: ${type}${isSure || isOutput || type === 'unknown' ? '' : ' | undefined'}`
  })
  return `{ ${parts.join('; ')} }`
}

function functionsOf(capability: Capability): string {
  const actions = [...capability.actions.values()].map((action) => {
    const doc = action.description === '' ? '' : `  /** ${action.description}. */\n`
    return `${doc}  ${action.name}(input: ${members(action.input, false)}): Promise<Outcome<${members(action.output, true)}>>`
  })
  const file = basename(capability.file)
  return `/** ${capability.displayName}, from capabilities/${file}. */\nexport interface ${pascalCase(capability.name)}Capability {\n${actions.join('\n')}\n}\n`
}

/** The TypeScript of every capability's functions, for `contract/capabilities.gen.ts`. */
export function generateCapabilities(capabilities: ReadonlyMap<string, Capability>): string {
  const all = [...capabilities.values()]
  const entries = all.map(({ name }) => `  readonly ${name}: ${pascalCase(name)}Capability`)
  return [
    "// Made by `npm run gen` from capabilities/*.yaml. Do not edit.\n\nimport type { Outcome } from './outcome.ts'\n",
    ...all.map(functionsOf),
    `/** The functions of every capability by its name. */\nexport interface CapabilityTable {\n${entries.join('\n')}\n}\n`,
    `/** The name of a capability that ships with the product. */\nexport type CapabilityName = keyof CapabilityTable\n`,
  ].join('\n')
}
