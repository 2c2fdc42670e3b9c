import { text } from '@/text/en.ts'

/** What is wrong with one field of what was sent. */
export interface FieldProblem {
  readonly field: string
  readonly reason: string
}

/** A refusal of the server, in its own words. */
export class ApiError extends Error {
  readonly status: number
  readonly type: string
  readonly requestId: string | undefined
  readonly problems: readonly FieldProblem[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(status: number, body: ErrorBody | undefined) {
    super(body?.message ?? text.unexpected)
    this.status = status
    this.type = body?.type ?? 'internal_error'
    this.requestId = body?.request_id
    this.details = body?.details ?? {}
    this.problems = problemsIn(this.details, this.message)
  }
}

interface ErrorBody {
  readonly type: string
  readonly message: string
  readonly request_id?: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** A list as the server answers it. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | null
  /** How many there are in all, where that was asked for. */
  readonly total?: number
}

/** Problems by their fields; a refusal that names a field and gives no reason is its own reason. */
function problemsIn(details: Readonly<Record<string, unknown>>, message: string): readonly FieldProblem[] {
  const { errors, field, reason } = details
  if (Array.isArray(errors)) return errors as FieldProblem[]
  return typeof field === 'string' ? [{ field, reason: String(reason ?? message) }] : []
}

interface Envelope {
  readonly data?: unknown
  readonly meta?: { readonly next_cursor?: string | null; readonly total?: number }
  readonly error?: ErrorBody
}

async function exchange(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Envelope> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, { type: 'unreachable', message: text.unreachable })
  }
  if (response.status === 204) return {}
  const answer = (await response.json().catch(() => undefined)) as Envelope | undefined
  if (!response.ok || answer === undefined) throw new ApiError(response.status, answer?.error)
  return answer
}

/** Asks the server; resolves to `data`, rejects with an `ApiError`. */
export async function call<Data>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<Data> {
  return (await exchange(method, path, body, undefined, headers)).data as Data
}

/** Reads something. */
export const read = <Data>(path: string, signal?: AbortSignal): Promise<Data> =>
  exchange('GET', path, undefined, signal).then(({ data }) => data as Data)

/** Reads a report that stands in no envelope; one that says that something is wrong is a report all the same. */
export async function readReport<Report>(path: string, signal: AbortSignal): Promise<Report> {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' } }).catch((error) => {
    if (signal.aborted) throw error
    throw new ApiError(0, { type: 'unreachable', message: text.unreachable })
  })
  const answer = (await response.json().catch(() => undefined)) as (Report & Envelope) | undefined
  if (answer === undefined || answer.error !== undefined) throw new ApiError(response.status, answer?.error)
  return answer
}

/** Reads one page of a list. */
export async function readPage<Row>(path: string, signal?: AbortSignal): Promise<Page<Row>> {
  const { data, meta } = await exchange('GET', path, undefined, signal)
  const total = meta?.total === undefined ? {} : { total: meta.total }
  return { rows: data as readonly Row[], nextCursor: meta?.next_cursor ?? null, ...total }
}

/** What a page itself finds wrong with a field, as the server would say it. */
export const problemAt = (field: string, reason: string): ApiError =>
  new ApiError(400, { type: 'validation_error', message: reason, details: { field, reason } })

/** What a failure says to a person. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : text.unexpected)
