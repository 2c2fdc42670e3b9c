import { readFile, stat } from 'node:fs/promises'
import { relative } from 'node:path'
import { isMap, isPair, type Node } from 'yaml'
import type { z } from 'zod'
import type { Place } from './module.ts'
import { type PlacedText, parseOnce, parseWithPlaces } from './parsed-text.ts'
import type { SchemaProblem } from './problem.ts'
import { hint } from './suggest.ts'

/** Steps into a document: keys of maps and positions in lists. */
export type Path = readonly (string | number)[]

/** A YAML file that is being read: finds the line of a place in it and gathers what is wrong. */
export interface Source {
  readonly file: string
  readonly problems: SchemaProblem[]
  /** Notes a mistake at the nearest place that exists; `label` names the place where it is not the path itself. */
  report(path: Path, message: string, label?: Path): void
  /** The nearest place that exists. */
  placeOf(path: Path): Place
}

const mostBytes = 1024 * 1024

const labelOf = (path: Path): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('')

const kindOf = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `the ${typeof value} ${JSON.stringify(value)}`
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'text (put it in quotes)',
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step]
  return value
}

/** What to write instead at the place of an issue of the shape. */
function advice(issue: z.core.$ZodIssue, data: unknown): string {
  const value = valueAt(data, issue.path as Path)
  if (value === undefined) return `is missing; add "${String(issue.path.at(-1) ?? '')}:"`
  if (issue.code === 'invalid_type') {
    return `must be ${kinds[issue.expected] ?? issue.expected}, not ${kindOf(value)}`
  }
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.map(String).join(', ')}, not ${kindOf(value)}`
  }
  return issue.message
}

function explain(source: Source, issue: z.core.$ZodIssue, data: unknown): void {
  const path = issue.path as Path
  if (issue.code !== 'unrecognized_keys') {
    source.report(path, advice(issue, data))
    return
  }
  const known = issue.message.split(',')
  for (const key of issue.keys) source.report([...path, key], `unknown key "${key}"${hint(key, known)}`)
}

/** The text of a file, or why there is none. */
async function readBounded(path: string): Promise<{ text: string; problem?: string }> {
  try {
    if ((await stat(path)).size > mostBytes)
      return { text: '', problem: `is longer than ${mostBytes} bytes; split it` }
    return { text: await readFile(path, 'utf8') }
  } catch (error) {
    return {
      text: '',
      problem: `cannot be read: ${(error as Error).message}; check the file and its permissions`,
    }
  }
}

/** How far into a document the nearest place stands that exists. */
function offsetOf(document: PlacedText['document'], path: Path): number {
  let offset = 0
  let node: unknown = document.contents
  for (const step of path) {
    const next: unknown =
      isMap(node) && typeof step === 'string'
        ? node.items.find((item) => isPair(item) && String(item.key) === step)
        : (node as { get?(step: unknown, keep: true): unknown } | null)?.get?.(step, true)
    if (next === undefined) break
    const anchor = (isPair(next) ? next.key : next) as Node | null
    offset = anchor?.range?.[0] ?? offset
    node = isPair(next) ? next.value : next
  }
  return offset
}

/** A place that is looked for when somebody asks. */
function lazyPlace(find: () => Place): Place {
  let found: Place | undefined
  const place = (): Place => (found ??= find())
  return {
    get line() {
      return place().line
    },
    get column() {
      return place().column
    },
  }
}

/** Reads one YAML file against a shape. `data` is undefined when `source.problems` holds the reason. */
export async function readSource<Shape extends z.ZodType>(
  path: string,
  shape: Shape,
): Promise<{ source: Source; data: z.output<Shape> | undefined }> {
  const near = relative('', path)
  const file = near.startsWith('..') ? path : near
  const { text, problem: tooLong } = await readBounded(path)
  const problems: SchemaProblem[] = []
  let placed: PlacedText | undefined
  // Most files are right, and nobody asks for a place in them.
  const places = (): PlacedText => (placed ??= parseWithPlaces(text))
  const at = (offset: number): Place => {
    const { line, col } = places().lines.linePos(offset)
    return { line, column: col }
  }
  const source: Source = {
    file,
    problems,
    placeOf: (place) => lazyPlace(() => at(offsetOf(places().document, place))),
    report(place, message, label = place) {
      const { line, column } = source.placeOf(place)
      problems.push({ file, line, column, field: labelOf(label), message })
    },
  }

  if (tooLong !== undefined) problems.push({ file, line: 1, column: 1, field: '', message: tooLong })
  const said = parseOnce(text)
  if (!('data' in said)) {
    for (const { offset, message } of said.problems)
      problems.push({ file, ...at(offset), field: '', message: `is not valid YAML: ${message}` })
  }
  if (problems.length > 0 || !('data' in said)) return { source, data: undefined }
  const parsed = shape.safeParse(said.data)
  if (parsed.success) return { source, data: parsed.data }
  for (const issue of parsed.error.issues) explain(source, issue, said.data)
  return { source, data: undefined }
}
