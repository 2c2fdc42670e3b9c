import type { WebSocket } from 'ws'

/** Bounds of live connections. */
export interface LiveLimits {
  /** For one token or session. */
  readonly mostForOne: number
  readonly mostAtAll: number
  /** How often a connection is asked for a sign of life, and its credential looked at. */
  readonly pingEveryMs: number
  /** Bytes that may wait for a client before reading on waits, too. */
  readonly mostWaitingBytes: number
  /** How long a client may take to read those. */
  readonly slowAfterMs: number
}

/** The bounds as they are unless a test says otherwise. */
export const liveLimits: LiveLimits = {
  mostForOne: 20,
  mostAtAll: 2_000,
  pingEveryMs: 30_000,
  mostWaitingBytes: 262_144,
  slowAfterMs: 30_000,
}

/** Sends a text; resolves with true at once while little waits, else when it left, and with false when that takes too long. */
export function sendWithin(socket: WebSocket, text: string, limits: LiveLimits): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const done = (isInTime: boolean): void => {
      clearTimeout(timer)
      resolve(isInTime)
    }
    socket.send(text, () => done(true))
    if (socket.bufferedAmount <= limits.mostWaitingBytes) done(true)
    else timer = setTimeout(() => done(false), limits.slowAfterMs)
  })
}
