import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ControlHandler } from '../route-table.ts'

const compress = promisify(gzip)
const leastBytes = 1_000

/** Sends what a handler answers compressed to whoever takes that; for text that holds no secret beside what a client sent. */
export function compressed(handler: ControlHandler): ControlHandler {
  return async (asked) => {
    const answer = await handler(asked)
    answer.headers.append('vary', 'accept-encoding')
    if (!/\bgzip\b/.test(asked.request.headers.get('accept-encoding') ?? '')) return answer
    const body = await answer.arrayBuffer()
    const { status, headers } = answer
    if (body.byteLength < leastBytes)
      return new Response(body.byteLength === 0 ? null : body, { status, headers })
    headers.set('content-encoding', 'gzip')
    return new Response(new Uint8Array(await compress(body, { level: 6 })), { status, headers })
  }
}
