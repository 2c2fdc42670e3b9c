import { parentPort, workerData } from 'node:worker_threads'
import type { Paper } from '#domain/billing/paper.ts'
import { drawPaper } from './draw-paper.ts'

// A thread of its own: hundreds of lines take a while to draw, and requests are not to wait for that.
parentPort?.postMessage(await drawPaper(workerData as Paper))
