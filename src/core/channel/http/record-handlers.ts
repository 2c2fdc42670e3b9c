import { successBody } from '#contract/envelope.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Call, Engine } from '../../engine.ts'
import { etagOf } from '../../runtime/etag.ts'
import type { StoredAnswer } from '../../runtime/idempotency.ts'
import type { Action, Module } from '../../schema/module.ts'
import { dataAnswer, emptyAnswer, refusalAnswer } from './answer.ts'
import type { ChannelRequest } from './channel-route.ts'
import { idempotentPost, type OnceDependencies } from './idempotent-post.ts'
import { parseListQuery } from './list-query.ts'
import { isNotModified, requiredTag } from './preconditions.ts'
import { readBody } from './read-body.ts'
import { replacementInput } from './replacement.ts'

/** What the handlers of records need. */
export type RecordDependencies = OnceDependencies

type Handler = (asked: ChannelRequest) => Promise<Response>

const idOf = (asked: ChannelRequest): string => asked.parameters['id'] ?? ''
const versioned = (row: Row): Record<string, string> => ({
  etag: etagOf(row),
  'cache-control': 'private, no-cache',
})

/** `GET /api/{plural}`: one page. */
export function listHandler({ engine }: RecordDependencies, module: Module): Handler {
  return async (asked) => {
    const query = parseListQuery(module, new URL(asked.request.url).searchParams)
    if (!query.ok) return refusalAnswer(query, asked.requestId)
    const outcome = await engine.list({ actor: asked.actor, module: module.name, query: query.value })
    if (!outcome.ok) return refusalAnswer(outcome, asked.requestId)
    const { items, nextCursor, total } = outcome.value
    const meta = {
      limit: query.value.limit,
      has_more: nextCursor !== undefined,
      next_cursor: nextCursor ?? null,
      ...(total === undefined ? {} : { total }),
    }
    return dataAnswer(items, { meta })
  }
}

/** `GET /api/{plural}/{id}`: one record with its ETag, or 304. */
export function getHandler({ engine }: RecordDependencies, module: Module): Handler {
  return async (asked) => {
    const outcome = await engine.get({ actor: asked.actor, module: module.name, id: idOf(asked) })
    if (!outcome.ok) return refusalAnswer(outcome, asked.requestId)
    const headers = versioned(outcome.value)
    return isNotModified(asked.request.headers.get('if-none-match'), etagOf(outcome.value))
      ? emptyAnswer(304, headers)
      : dataAnswer(outcome.value, { headers })
  }
}

/** `POST /api/{plural}`: 201 with the record's address and what is shown this once. */
export function createHandler(deps: RecordDependencies, module: Module, action: Action): Handler {
  return async (asked) => {
    const body = await readBody(asked.request)
    if (!body.ok) return refusalAnswer(body, asked.requestId)
    return idempotentPost(deps, asked, callOf(asked, module, action, body.value), (result) => {
      const location = `/api/${module.plural}/${encodeURIComponent(result.row.id)}`
      return stored(201, result, { location })
    })
  }
}

/** `POST /api/{plural}/{id}/{action}`: a custom action. */
export function actionHandler(deps: RecordDependencies, module: Module, action: Action): Handler {
  return async (asked) => {
    const body = await readBody(asked.request)
    if (!body.ok) return refusalAnswer(body, asked.requestId)
    const condition = await conditionOf(deps.engine, asked, module)
    if (!condition.ok) return refusalAnswer(condition, asked.requestId)
    const call = { ...callOf(asked, module, action, body.value), id: idOf(asked), ...condition.value }
    return idempotentPost(deps, asked, call, (result) => stored(200, result))
  }
}

/** `PATCH /api/{plural}/{id}` merges, `PUT` replaces. */
export function updateHandler(
  { engine }: RecordDependencies,
  module: Module,
  action: Action,
  mode: 'merge' | 'replace',
): Handler {
  return async (asked) => {
    const body = await readBody(asked.request)
    if (!body.ok) return refusalAnswer(body, asked.requestId)
    const condition = await conditionOf(engine, asked, module)
    if (!condition.ok) return refusalAnswer(condition, asked.requestId)
    const input = mode === 'merge' ? body : await replacement(engine, asked, module, body.value)
    if (!input.ok) return refusalAnswer(input, asked.requestId)
    const call = { ...callOf(asked, module, action, input.value), id: idOf(asked), ...condition.value }
    const outcome = await engine.invoke(call)
    if (!outcome.ok) return refusalAnswer(outcome, asked.requestId)
    return dataAnswer(shownOnce(outcome.value), { headers: versioned(outcome.value.row) })
  }
}

/** `DELETE /api/{plural}/{id}`: 204. */
export function deleteHandler({ engine }: RecordDependencies, module: Module, action: Action): Handler {
  return async (asked) => {
    const condition = await conditionOf(engine, asked, module)
    if (!condition.ok) return refusalAnswer(condition, asked.requestId)
    const { actor, requestId } = asked
    const call = { actor, requestId, module: module.name, action: action.name, id: idOf(asked) }
    const outcome = await engine.invoke({ ...call, ...condition.value })
    return outcome.ok ? emptyAnswer(204) : refusalAnswer(outcome, requestId)
  }
}

function callOf(asked: ChannelRequest, module: Module, action: Action, input: Record<string, unknown>): Call {
  return { actor: asked.actor, requestId: asked.requestId, module: module.name, action: action.name, input }
}

async function conditionOf(
  engine: Engine,
  asked: ChannelRequest,
  module: Module,
): Promise<Outcome<{ ifMatch?: string }>> {
  const tag = await requiredTag(asked.request.headers.get('if-match'), async () => {
    const current = await engine.get({ actor: asked.actor, module: module.name, id: idOf(asked) })
    return current.ok ? accept(etagOf(current.value)) : current
  })
  if (!tag.ok) return tag
  return accept(tag.value === undefined ? {} : { ifMatch: tag.value })
}

async function replacement(
  engine: Engine,
  asked: ChannelRequest,
  module: Module,
  body: Record<string, unknown>,
): Promise<Outcome<Record<string, unknown>>> {
  const current = await engine.get({ actor: asked.actor, module: module.name, id: idOf(asked) })
  return current.ok ? accept(replacementInput(module, current.value, body)) : current
}

const shownOnce = ({ row, once }: InvocationResult): Record<string, unknown> => ({ ...row, ...once })

function stored(
  status: number,
  result: InvocationResult,
  headers: Record<string, string> = {},
): StoredAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', etag: etagOf(result.row), ...headers },
    body: JSON.stringify(successBody(shownOnce(result))),
  }
}
