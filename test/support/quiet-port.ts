import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what a system gives to whoever asks for any port. */
const lowest = 20_000
const above = 30_000

/**
 * A port that nobody listens on, and that the system gives to nobody by itself: for what must know its port before it can take it.
 * One of those that are given out could be another's by then.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, above)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    )
    probe.close()
    if (!isFree) continue
    await once(probe, 'close')
    return port
  }
}
