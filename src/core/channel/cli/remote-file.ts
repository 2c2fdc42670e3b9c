import { type ErrorCode, errors } from '#contract/errors.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { RemoteServer } from './remote-backend.ts'

const timeoutMs = 60_000
const mostBytes = 64 * 1024 * 1024

/** Fetches a file of a server's control plane as it is; a refusal of the server is one here. */
export async function readFile({ url, token }: RemoteServer, path: string): Promise<Outcome<Uint8Array>> {
  let response: Response
  let bytes: Uint8Array
  try {
    response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (Number(response.headers.get('content-length') ?? 0) > mostBytes)
      throw new Fault('upstream_error', `${url} answers with more than a document`)
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('service_unavailable', `${url} cannot be reached, or broke off`, { cause })
  }
  return response.status === 200 ? accept(bytes) : refusalIn(bytes, url, response.status)
}

function refusalIn(bytes: Uint8Array, url: string, status: number) {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(bytes)) as {
      error?: { type?: unknown; message?: unknown }
    }
    if (typeof error?.type === 'string' && Object.hasOwn(errors, error.type))
      return refuse(error.type as ErrorCode, String(error.message))
  } catch {
    // It is no answer of ours: told below.
  }
  throw new Fault('upstream_error', `${url} answers ${status}`)
}
