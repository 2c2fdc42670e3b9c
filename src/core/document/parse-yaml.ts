import { isMap, isPair, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'

/** What a YAML text holds, as plain data that can go from one thread to another; or why it is refused. */
export type ParsedYaml =
  | { readonly ok: true; readonly data: unknown; readonly lines: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly reason: string; readonly line: number | undefined }

const mostAliases = 1_000
const deepest = 100

/** How a place is written as a key of `lines`. */
export const placeKey = (steps: readonly (string | number)[]): string => steps.map(String).join('\0')

/** Parses YAML 1.2; `lines` has the line of every member and item. Hostile texts can keep it busy: give it a thread and a time. */
export function parseYaml(text: string): ParsedYaml {
  const counter = new LineCounter()
  // The library compares every name of a map with every other one.
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false })
  const [error] = document.errors
  if (error !== undefined) {
    if (error.message.startsWith('Maximum call stack')) return tooDeep
    const reason = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
    return { ok: false, reason: `is not valid YAML: ${reason}`, line: error.linePos?.[0].line }
  }
  const lineAt = (node: unknown): number | undefined => {
    const offset = (node as Node | null)?.range?.[0]
    return offset === undefined ? undefined : counter.linePos(offset).line
  }
  const twin = twiceNamed(document)
  if (twin !== undefined)
    return { ok: false, reason: `names "${twin.name}" twice in one map`, line: lineAt(twin.node) }
  let data: unknown
  try {
    data = document.toJS({ maxAliasCount: mostAliases })
  } catch {
    return { ok: false, reason: 'grows beyond all bounds by its aliases', line: undefined }
  }
  if (isTooDeep(data)) return tooDeep
  const lines = new Map<string, number>()
  gatherLines(document.contents, [], lineAt, lines)
  return { ok: true, data, lines }
}

const tooDeep = { ok: false, reason: `is nested deeper than ${deepest} levels`, line: undefined } as const

/** The name of a member, as the data spells it. */
const nameOf = (key: unknown): string =>
  typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key)

function twiceNamed(document: ReturnType<typeof parseDocument>): { name: string; node: unknown } | undefined {
  let twin: { name: string; node: unknown } | undefined
  visit(document, {
    Map(_key, map) {
      const names = new Set<string>()
      for (const { key } of map.items) {
        const name = nameOf(key)
        if (names.has(name)) twin = { name, node: key }
        if (twin !== undefined) return visit.BREAK
        names.add(name)
      }
      return undefined
    },
  })
  return twin
}

function gatherLines(
  node: unknown,
  steps: readonly (string | number)[],
  lineAt: (node: unknown) => number | undefined,
  lines: Map<string, number>,
): void {
  const line = lineAt(node)
  if (line !== undefined && !lines.has(placeKey(steps))) lines.set(placeKey(steps), line)
  if (isSeq(node))
    for (const [index, item] of node.items.entries()) gatherLines(item, [...steps, index], lineAt, lines)
  if (!isMap(node)) return
  for (const pair of node.items) {
    if (!isPair(pair)) continue
    const place = [...steps, nameOf(pair.key)]
    const keyLine = lineAt(pair.key)
    if (keyLine !== undefined) lines.set(placeKey(place), keyLine)
    gatherLines(pair.value, place, lineAt, lines)
  }
}

/** True for data that is nested absurdly deep, which a circle of aliases is, too. */
export function isTooDeep(root: unknown): boolean {
  const levels = new Map<object, number>()
  const open: { value: unknown; level: number }[] = [{ value: root, level: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { value, level } = at
    if (typeof value !== 'object' || value === null) continue
    if (level > deepest) return true
    // Shared parts are looked at once, so that aliases cannot make this long.
    if ((levels.get(value) ?? -1) >= level) continue
    levels.set(value, level)
    for (const held of Object.values(value)) open.push({ value: held, level: level + 1 })
  }
  return false
}
