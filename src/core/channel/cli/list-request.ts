import type { Field, Module } from '../../schema/module.ts'
import { nearest } from '../../schema/suggest.ts'
import { UsageError } from './usage-error.ts'

const operators = ['gt', 'gte', 'lt', 'lte', 'ne', 'in', 'like']
const filterForm = /^([A-Za-z0-9_-]+)(?:\[([a-z]+)\])?=(.*)$/s

/** The flags of `list`, as they were given. */
export interface ListFlags {
  readonly limit?: string
  readonly cursor?: string
  readonly sort?: string
  readonly filters: readonly string[]
  readonly isCounted: boolean
  readonly isAll: boolean
}

/** The query parameters that the flags of `list` stand for; throws a UsageError that names the flag at fault. */
export function listParameters(module: Module, flags: ListFlags): URLSearchParams {
  if (flags.isAll && (flags.limit !== undefined || flags.cursor !== undefined)) {
    throw new UsageError('--all shows everything: leave out --limit and --cursor')
  }
  const parameters = new URLSearchParams()
  if (flags.isAll) parameters.set('limit', '100')
  if (flags.limit !== undefined) parameters.set('limit', limitOf(flags.limit))
  if (flags.cursor !== undefined) parameters.set('cursor', flags.cursor)
  if (flags.sort !== undefined) parameters.set('sort', sortOf(module, flags.sort))
  if (flags.isCounted) parameters.set('count', 'true')
  for (const text of flags.filters) parameters.append(...filterOf(module, text))
  return parameters
}

/** The fields to show for `--columns`, or the module's own choice. */
export function columnsOf(module: Module, text: string | undefined): readonly string[] {
  if (text === undefined) return module.channels.cli.columns
  const names = text.split(',').map((name) => name.trim())
  return names.filter((name) => name !== '').map((name) => fieldOf(module, '--columns', name).name)
}

/** The fields that a record shows, in the order of the module. */
export function shownFields(module: Module): readonly string[] {
  return [...module.fields.values()].filter(isShown).map((field) => field.name)
}

const isShown = (field: Field): boolean =>
  !field.isInternal && !field.isWriteOnly && field.type.name !== 'secret'

function limitOf(text: string): string {
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) === 0) {
    throw new UsageError(`--limit is a whole number from 1 to 100, not "${text}"`)
  }
  return String(Math.min(100, Number(text)))
}

function sortOf(module: Module, text: string): string {
  const isDescending = text.startsWith('-')
  const field = fieldOf(module, '--sort', isDescending ? text.slice(1) : text)
  return `${isDescending ? '-' : ''}${field.name}`
}

function filterOf(module: Module, text: string): [string, string] {
  const match = filterForm.exec(text)
  if (match?.[1] === undefined || match[3] === undefined) {
    throw new UsageError(`--filter is field=value or field[${operators.join('|')}]=value, not "${text}"`)
  }
  const field = fieldOf(module, '--filter', match[1])
  if (match[2] === undefined) return [field.name, match[3]]
  if (!operators.includes(match[2])) {
    throw new UsageError(
      `--filter ${match[1]}: the comparison is one of ${operators.join(', ')}, not "${match[2]}"`,
    )
  }
  return [`${field.name}[${match[2]}]`, match[3]]
}

function fieldOf(module: Module, flag: string, name: string): Field {
  const field = module.fields.get(name.replaceAll('-', '_'))
  if (field !== undefined && isShown(field)) return field
  const shown = shownFields(module)
  const meant = nearest(name, shown)
  const help = meant === undefined ? `there are ${shown.join(', ')}` : `did you mean "${meant}"?`
  throw new UsageError(`${flag}: a ${module.meta.displayName} has no field "${name}"; ${help}`)
}
