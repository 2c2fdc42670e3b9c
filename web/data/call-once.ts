import type { call } from './api.ts'

/** Sends what makes something, under one name until it is made. */
export type CallOnce = <Data>(method: 'POST', path: string, body: unknown) => Promise<Data>

/**
 * The same content sent again after an answer that was lost makes nothing twice: it has the same Idempotency-Key until an answer says
 * that it is made. Other content, and whatever follows a success, gets a new one.
 */
export function createCallOnce(send: typeof call, newKey: () => string): CallOnce {
  let held: { readonly content: string; readonly key: string } | undefined
  return async <Data>(method: 'POST', path: string, body: unknown): Promise<Data> => {
    const content = JSON.stringify([path, body])
    if (held?.content !== content) held = { content, key: newKey() }
    const sent = held
    const made = await send<Data>(method, path, body, { 'idempotency-key': sent.key })
    if (held === sent) held = undefined
    return made
  }
}
