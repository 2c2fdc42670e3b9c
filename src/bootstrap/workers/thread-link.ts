import type { MessagePort } from 'node:worker_threads'
import { redact } from '#adapters/log/redact.ts'
import { Fault } from '#contract/outcome.ts'
import type { Log } from '#ports/log.ts'
import type { FromThread, Read, ToThread } from './messages.ts'

/** A gateway thread's side of its conversation with the main thread. */
export interface ThreadLink {
  send(message: FromThread): void
  /** Reads records through the main thread. */
  read(read: Read): Promise<unknown>
  /** A log whose lines the main thread writes, from this level on. */
  readonly log: Log
}

const levels: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Takes the conversation up; what is no answer to a read goes to `receive`. */
export function createThreadLink(
  port: MessagePort,
  leastLevel: string,
  receive: (message: ToThread) => void,
): ThreadLink {
  const reads = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  const send = (message: FromThread): void => port.postMessage(message)

  port.on('message', (message: ToThread) => {
    if (message.kind !== 'rows' && message.kind !== 'unreadable') {
      receive(message)
      return
    }
    const asked = reads.get(message.id)
    reads.delete(message.id)
    if (message.kind === 'rows') asked?.resolve(message.value)
    else asked?.reject(new Fault('service_unavailable', message.message))
  })

  const at = (level: keyof Log): Log[keyof Log] => {
    if (levels.indexOf(level) < levels.indexOf(leastLevel)) return () => {}
    // Not everything that is logged can be sent as it is: an error loses its code on the way, a function does not pass.
    return (fields, message) => send({ kind: 'log', level, fields: redact(fields) as object, message })
  }

  return {
    send,
    read(read) {
      lastId += 1
      const asked = Promise.withResolvers<unknown>()
      reads.set(lastId, asked)
      send({ kind: 'read', id: lastId, read })
      return asked.promise
    },
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  }
}
