import { workerData } from 'node:worker_threads'

// Loaded into the threads of workers by tests: ends a thread in the way that it is told to.
const channel = new BroadcastChannel('unruly workers')

channel.onmessage = (event) => {
  const { number, how } = (event as { readonly data: { readonly number: number; readonly how: string } }).data
  if (number !== workerData.number) return
  if (how === 'throw') {
    setImmediate(() => {
      throw new Error('thrown by a test')
    })
    return
  }
  if (how === 'hang') for (;;);
  const kept: number[][] = []
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length))
}
