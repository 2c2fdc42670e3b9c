import { Fault } from '#contract/outcome.ts'
import type { RemoteServer } from './remote-backend.ts'

const silenceMs = 30_000

/** Reads a long text from a server piece by piece, as far as whoever writes it out keeps up; a silence of thirty seconds ends it. */
export async function* readText({ url, token }: RemoteServer, path: string): AsyncGenerator<string> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), silenceMs)
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: silence.signal,
    })
    if (response.status !== 200 || response.body === null)
      throw new Fault('upstream_error', `${url} answers ${response.status}`)
    const decoder = new TextDecoder()
    for await (const piece of response.body) {
      timer.refresh()
      yield decoder.decode(piece, { stream: true })
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('service_unavailable', `${url} cannot be reached, or broke off`, { cause })
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}
