import type { ListMeta } from '#contract/envelope.ts'
import { type ErrorCode, errors } from '#contract/errors.ts'
import { accept, type Details, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Module } from '../../schema/module.ts'
import type { Backend } from './backend.ts'
import { UsageError } from './usage-error.ts'

const timeoutMs = 30_000

/** A server to ask: its address and an operator's token. */
export interface RemoteServer {
  readonly url: string
  readonly token: string
}

interface Body {
  readonly data?: unknown
  readonly meta?: ListMeta
  readonly error?: { readonly type?: string; readonly message?: string; readonly details?: Details }
}

/** Speaks to a running server over REST, under the permission rules of the token. */
export function createRemoteBackend(server: RemoteServer): Backend {
  const origin = originOf(server.url)
  const ask = (method: string, path: string, input?: unknown): Promise<Outcome<Body>> =>
    request(origin, server.token, method, path, input)
  return {
    async list(module, parameters) {
      const outcome = await ask('GET', `${pathOf(module)}${parameters.size === 0 ? '' : `?${parameters}`}`)
      if (!outcome.ok) return outcome
      const { data, meta } = outcome.value
      if (!Array.isArray(data) || meta === undefined) throw notApigate(origin)
      return accept({ rows: data as Row[], meta })
    },
    async get(module, id) {
      const outcome = await ask('GET', `${pathOf(module)}/${encodeURIComponent(id)}`)
      return outcome.ok ? accept(rowOf(outcome.value, origin)) : outcome
    },
    async invoke(module, action, call) {
      const record =
        call.id === undefined ? pathOf(module) : `${pathOf(module)}/${encodeURIComponent(call.id)}`
      if (action.kind === 'delete') {
        const outcome = await ask('DELETE', record)
        return outcome.ok ? accept(undefined) : outcome
      }
      const outcome =
        action.kind === 'custom'
          ? await ask('POST', `${record}/${encodeURIComponent(action.name)}`, call.input ?? {})
          : await ask(action.kind === 'update' ? 'PATCH' : 'POST', record, call.input ?? {})
      return outcome.ok ? accept(resultOf(module, rowOf(outcome.value, origin))) : outcome
    },
  }
}

/** Asks a server for one document of its control plane and answers the data of the envelope. */
export async function readDocument(server: RemoteServer, path: string): Promise<Outcome<unknown>> {
  const outcome = await request(originOf(server.url), server.token, 'GET', path)
  return outcome.ok ? accept(outcome.value.data) : outcome
}

/** Sends a server one message of a protocol of its own, and answers its answer; undefined where there is none. Throws on a refusal. */
export async function exchangeMessage(
  server: RemoteServer,
  path: string,
  message: object,
): Promise<object | undefined> {
  const outcome = await request(originOf(server.url), server.token, 'POST', path, message)
  if (!outcome.ok) throw new Fault(outcome.code, outcome.message)
  return Object.keys(outcome.value).length === 0 ? undefined : outcome.value
}

/** Sends a server one document for its control plane to work on, and answers the data of the envelope. */
export async function sendDocument(
  server: RemoteServer,
  path: string,
  document: { readonly contentType: string; readonly text: string },
): Promise<Outcome<unknown>> {
  const outcome = await send(originOf(server.url), server.token, 'POST', path, document)
  return outcome.ok ? accept(outcome.value.data) : outcome
}

/** Asks a server to delete what stands at an address of its control plane. */
export async function deleteDocument(server: RemoteServer, path: string): Promise<Outcome<undefined>> {
  const outcome = await request(originOf(server.url), server.token, 'DELETE', path)
  return outcome.ok ? accept(undefined) : outcome
}

const pathOf = (module: Module): string => module.channels.http.basePath

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError(`--server is an address such as https://api.example.com, not "${text}"`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

const request = (
  origin: string,
  token: string,
  method: string,
  path: string,
  input?: unknown,
): Promise<Outcome<Body>> =>
  send(
    origin,
    token,
    method,
    path,
    input === undefined ? undefined : { contentType: 'application/json', text: JSON.stringify(input) },
  )

async function send(
  origin: string,
  token: string,
  method: string,
  path: string,
  document: { readonly contentType: string; readonly text: string } | undefined,
): Promise<Outcome<Body>> {
  const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}` }
  if (document !== undefined) headers['content-type'] = document.contentType
  const init = { method, headers, redirect: 'error' as const, signal: AbortSignal.timeout(timeoutMs) }
  try {
    const response = await fetch(
      `${origin}${path}`,
      document === undefined ? init : { ...init, body: document.text },
    )
    return answerOf(response.status, await response.text(), origin)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('service_unavailable', `cannot reach ${origin}: ${reasonOf(cause)}`, { cause })
  }
}

function answerOf(status: number, text: string, origin: string): Outcome<Body> {
  const body = status === 204 || status === 202 ? {} : parsed(text, origin)
  if (status < 300) return accept(body)
  const type = body.error?.type
  if (type === undefined || !Object.hasOwn(errors, type)) throw notApigate(origin)
  const message = body.error?.message ?? type
  if (status >= 500) throw new Fault(type as ErrorCode, `${origin} answers: ${message}`)
  return refuse(type as ErrorCode, message, body.error?.details)
}

function parsed(text: string, origin: string): Body {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Whatever answers with something else than JSON is not this product.
  }
  throw notApigate(origin)
}

const notApigate = (origin: string): Fault =>
  new Fault('upstream_error', `${origin} does not answer as APIGate does`)

function rowOf(body: Body, origin: string): Row {
  const { data } = body
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw notApigate(origin)
  return data as Row
}

/** Over REST what is shown once stands beside the fields of the record. */
function resultOf(module: Module, data: Row): InvocationResult {
  const entries = Object.entries(data)
  const once = Object.fromEntries(entries.filter(([name]) => !module.fields.has(name)))
  const row = Object.fromEntries(entries.filter(([name]) => module.fields.has(name))) as Row
  return { row, once }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} seconds`
  const cause = error.cause
  if (!(cause instanceof Error)) return error.message
  return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message
}
