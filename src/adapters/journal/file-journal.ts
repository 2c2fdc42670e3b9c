import fs from 'node:fs'
import { Fault } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { UsageJournal } from '#ports/journal.ts'
import { EventBatch } from './event-batch.ts'
import {
  createSegmentFile,
  type JournalFiles,
  nodeFiles,
  type SegmentFile,
  segmentName,
} from './segment-file.ts'

/** Where a journal stands, and what tests may replace. */
export interface FileJournalOptions {
  readonly directory: string
  /** Unique to this process among all that ever wrote here: its start time and process id. Names sort by age. */
  readonly name: string
  readonly clock: Clock
  readonly maxSegmentBytes?: number
  readonly scheduleFlush?: (flush: () => void) => void
  readonly files?: JournalFiles
}

type Done = (error: Error | undefined) => void

interface Batch {
  readonly events: EventBatch
  readonly done: Done[]
}

const maxBatchEvents = 250
const maxBatchLength = 512 * 1024
const probeIntervalMs = 1000

const emptyBatch = (): Batch => ({ events: new EventBatch(), done: [] })

/** A callback that throws must not keep the others from being called. */
function callAll(done: readonly Done[], error: Error | undefined): void {
  for (const call of done) {
    try {
      call(error)
    } catch (cause) {
      queueMicrotask(() => {
        throw cause
      })
    }
  }
}

/** A usage journal of append-only segment files in a directory, which is made when it is missing. Throws when it cannot write there. */
export function createFileJournal(options: FileJournalOptions): UsageJournal {
  const { directory, name, clock, files = nodeFiles } = options
  const maxSegmentBytes = options.maxSegmentBytes ?? 64 * 1024 * 1024
  const scheduleFlush = options.scheduleFlush ?? setImmediate
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  let number = 1
  let file: SegmentFile = createSegmentFile(directory, segmentName(name, number), files)
  let batches: Batch[] = []
  let batch = emptyBatch()
  let unreadable: Done[] = []
  let isScheduled = false
  let isClosed = false
  let isFailed = false
  let lastAttemptAt = 0

  function write(text: string): Error | undefined {
    try {
      file.append(text)
      isFailed = false
      return undefined
    } catch (cause) {
      isFailed = true
      lastAttemptAt = clock.now()
      return new Fault('service_unavailable', 'the usage journal cannot be written', { cause })
    }
  }

  function rotate(): void {
    let next: SegmentFile
    try {
      next = createSegmentFile(directory, segmentName(name, number + 1), files)
    } catch {
      return // The segment grows past its limit instead, and the next batch tries again.
    }
    number += 1
    file.end()
    file = next
  }

  function flush(): void {
    isScheduled = false
    if (isClosed) return
    if (unreadable.length > 0) {
      const done = unreadable
      unreadable = []
      callAll(done, new Fault('internal_error', 'a usage event holds a number that cannot be metered'))
    }
    if (batch.done.length > 0) batches.push(batch)
    const queued = batches
    batches = []
    batch = emptyBatch()
    for (const each of queued) {
      callAll(each.done, write(`${each.events.text}\n`))
      if (file.length() >= maxSegmentBytes) rotate()
    }
  }

  return {
    append(event, done) {
      if (isClosed) {
        queueMicrotask(() => done(new Fault('service_unavailable', 'the usage journal is closed')))
        return
      }
      if (!batch.events.add(event)) unreadable.push(done)
      else if (batch.done.push(done) >= maxBatchEvents || batch.events.text.length >= maxBatchLength) {
        batches.push(batch)
        batch = emptyBatch()
      }
      if (isScheduled) return
      isScheduled = true
      scheduleFlush(flush)
    },
    isWritable() {
      if (!isFailed) return !isClosed
      const now = clock.now()
      if (isClosed || Math.abs(now - lastAttemptAt) < probeIntervalMs) return false
      lastAttemptAt = now
      isFailed = !file.probe()
      return !isFailed
    },
    flush,
    close() {
      if (isClosed) return
      flush()
      isClosed = true
      file.end()
    },
  }
}
