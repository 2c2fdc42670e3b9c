import { Worker } from 'node:worker_threads'
import { Fault } from '#contract/outcome.ts'
import type { PrintPaper } from '#ports/paper.ts'

const usualMostMs = 30_000

/** Prints in a thread of its own, which ends with the document. */
export function createPrintPaper(
  limits: { readonly timeoutMs: number } = { timeoutMs: usualMostMs },
): PrintPaper {
  return async (paper) => {
    const worker = new Worker(new URL('./paper-thread.ts', import.meta.url), {
      workerData: paper,
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(
          () => reject(new Fault('service_unavailable', 'The document takes too long to print')),
          limits.timeoutMs,
        )
        worker.once('message', (bytes: Uint8Array<ArrayBuffer>) => resolve(bytes))
        worker.once('error', reject)
      })
    } finally {
      clearTimeout(timer)
      await worker.terminate()
    }
  }
}
