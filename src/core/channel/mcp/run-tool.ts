import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Engine } from '../../engine.ts'
import { parseListQuery } from '../http/list-query.ts'
import type { Tool } from './tools.ts'

/** Who calls a tool. */
export interface ToolCaller {
  readonly actor: Actor
  readonly requestId: string
}

type Given = Readonly<Record<string, unknown>>

/** Runs a tool as its caller, by the same way as every other channel; answers what REST would have in its envelope. */
export async function runTool(
  engine: Engine,
  tool: Tool,
  caller: ToolCaller,
  given: Given,
): Promise<Outcome<object>> {
  const { module, action } = tool
  if (action.kind === 'list') return list(engine, tool, caller, given)
  const { id, ...input } = given
  if (action.kind !== 'create' && (typeof id !== 'string' || id === ''))
    return refuseFields([{ field: 'id', reason: 'is required' }])
  const named = action.kind === 'create' ? {} : { id: String(id) }
  if (action.kind === 'get') {
    const [stray] = Object.keys(input)
    if (stray !== undefined) return refuseFields([{ field: stray, reason: 'is not a known parameter' }])
    const row = await engine.get({ actor: caller.actor, module: module.name, id: String(id) })
    return row.ok ? accept({ data: row.value }) : row
  }
  const call = { ...caller, module: module.name, action: action.name, ...named }
  const outcome = await engine.invoke({ ...call, input: action.kind === 'create' ? given : input })
  if (!outcome.ok) return outcome
  return accept({ data: action.kind === 'delete' ? null : { ...outcome.value.row, ...outcome.value.once } })
}

async function list(
  engine: Engine,
  { module }: Tool,
  { actor }: ToolCaller,
  given: Given,
): Promise<Outcome<object>> {
  const parameters = new URLSearchParams()
  const { filter = {}, ...paging } = given
  const isMap = typeof filter === 'object' && filter !== null && !Array.isArray(filter)
  if (!isMap) return refuseFields([{ field: 'filter', reason: 'must be an object' }])
  for (const [name, value] of Object.entries({ ...filter, ...paging })) parameters.append(name, String(value))
  const query = parseListQuery(module, parameters)
  if (!query.ok) return query
  const page = await engine.list({ actor, module: module.name, query: query.value })
  if (!page.ok) return page
  const { items, nextCursor, total } = page.value
  const meta = {
    limit: query.value.limit,
    has_more: nextCursor !== undefined,
    next_cursor: nextCursor ?? null,
  }
  return accept({ data: items, meta: total === undefined ? meta : { ...meta, total } })
}
