import type { Actor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Call, Engine } from '../../engine.ts'
import type { Idempotency, IdempotentRequest, StoredAnswer } from '../../runtime/idempotency.ts'
import type { Permission } from '../../runtime/permission.ts'
import { refusalAnswer } from './answer.ts'
import type { ChannelRequest } from './channel-route.ts'

const keyForm = /^[\x21-\x7e]{1,255}$/

/** How the result of a write is shown; the same text is stored and given again. */
export type Present = (result: InvocationResult) => StoredAnswer

/** What doing a write once needs. */
export interface OnceDependencies {
  readonly engine: Engine
  readonly idempotency: Idempotency
  /** Who may not make a call is not given its stored answer either. */
  readonly permission: Permission
}

/** Does a write once for each Idempotency-Key: the claim is committed before the work, the answer together with it. */
export const idempotentPost = (
  deps: OnceDependencies,
  asked: ChannelRequest,
  call: Call,
  present: Present,
): Promise<Response> => idempotentPosts(deps, asked, [call], present)

/** The same for several writes in one transaction; the answer shows what the last one did. */
export async function idempotentPosts(
  deps: OnceDependencies,
  asked: ChannelRequest,
  calls: readonly [...Call[], Call],
  present: Present,
): Promise<Response> {
  const last = calls[calls.length - 1] as Call
  const request = idempotentRequest(asked, calls)
  if (!request.ok) return refusalAnswer(request, asked.requestId)
  if (request.value === undefined) {
    const outcome = await invoke(deps.engine, calls)
    return outcome.ok ? shown(present(outcome.value)) : refusalAnswer(outcome, asked.requestId)
  }
  for (const call of calls) {
    const permitted = await deps.permission(call)
    if (!permitted.ok) return refusalAnswer(permitted, asked.requestId)
  }
  const claimed = await deps.idempotency.claim(request.value)
  if (!claimed.ok) return refusalAnswer(claimed, asked.requestId)
  if ('answer' in claimed.value) return shown(claimed.value.answer, { 'idempotent-replayed': 'true' })

  const { claim } = claimed.value
  let answer: StoredAnswer | undefined
  try {
    const completing: Call = {
      ...last,
      beforeCommit: async (transaction, result) => {
        answer = present(result)
        await deps.idempotency.complete(transaction, claim, answer)
      },
    }
    const outcome = await invoke(deps.engine, [...calls.slice(0, -1), completing])
    if (outcome.ok) return shown(answer ?? present(outcome.value))
    await deps.idempotency.release(claim)
    return refusalAnswer(outcome, asked.requestId)
  } catch (error) {
    // The failure is what matters; a claim that cannot be given back is taken over after a minute.
    await deps.idempotency.release(claim).catch(() => undefined)
    throw error
  }
}

/** One call is made as such: its refusals are told without its position. */
async function invoke(
  { invoke: one, invokeAll }: Engine,
  calls: readonly Call[],
): Promise<Outcome<InvocationResult>> {
  const [first] = calls
  if (first !== undefined && calls.length === 1) return one(first)
  const outcome = await invokeAll(calls)
  const done = outcome.ok ? outcome.value.at(-1) : outcome
  if (done === undefined) throw new Fault('internal_error', 'there was nothing to write')
  return 'ok' in done ? done : accept(done)
}

function idempotentRequest(
  asked: ChannelRequest,
  calls: readonly [...Call[], Call],
): Outcome<IdempotentRequest | undefined> {
  const key = asked.request.headers.get('idempotency-key')
  if (key === null) return accept(undefined)
  if (!keyForm.test(key)) {
    return refuseFields([{ field: 'Idempotency-Key', reason: 'must be 1 to 255 visible ASCII characters' }])
  }
  // What the product writes for somebody is theirs: two people never share a key.
  const call = calls[calls.length - 1] as Call
  const actor =
    call.onBehalfOf === undefined ? nameOf(call.actor) : `${call.onBehalfOf.kind}:${call.onBehalfOf.id}`
  const inputs = calls.map(({ input }) => sorted(input ?? {}))
  return accept({ actor, key, content: JSON.stringify(['POST', asked.path, ...inputs]) })
}

/** One name for each actor; a user in two organizations is two. */
function nameOf(actor: Actor): string {
  if (actor.kind === 'anonymous') return 'anonymous'
  const within = 'organizationId' in actor ? `:${actor.organizationId}` : ''
  return `${actor.kind}:${actor.id}${within}`
}

/** The same value with its names in order, so that the order in which a client writes them does not count. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]))
}

const shown = (answer: StoredAnswer, more: Readonly<Record<string, string>> = {}): Response =>
  new Response(answer.body, { status: answer.status, headers: { ...answer.headers, ...more } })
