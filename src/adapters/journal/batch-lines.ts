import type { UsageEvent } from '#contract/usage-event.ts'
import {
  type EventSource,
  eventStart,
  type NumberedSource,
  parseLine,
  readEvent,
  readSource,
} from './line.ts'

/** Reads the lines of batches, strictly: one that is cut short or altered in its shape is damaged, and so is what names it. */
export class BatchLines {
  readonly events: UsageEvent[] = []
  /** Lines that are no event, as they stand in the file; the first of a batch with the lines of the sources before it. */
  readonly damaged: string[] = []

  private readonly sources = new Map<unknown, EventSource>()
  /** The lines of the sources of this batch, until they are set aside with what is damaged in it. */
  private sourceLines = ''
  // Equal sources of many batches are one: whoever groups the events compares them at a glance.
  private readonly known = new Map<string, NumberedSource>()

  /** Takes a line without its newline. */
  take(line: string): void {
    const isTaken = line.startsWith(eventStart) ? this.takeEvent(line) : this.takeSource(line)
    if (isTaken) return
    this.damaged.push(this.sourceLines + line)
    this.sourceLines = ''
  }

  /** The numbers of sources begin anew. */
  endBatch(): void {
    this.sources.clear()
    this.sourceLines = ''
  }

  /** Forgets what came after so many events and damaged lines. */
  cutBack(events: number, damaged: number): void {
    this.events.length = events
    this.damaged.length = damaged
  }

  private takeEvent(line: string): boolean {
    const values = parseLine(line)
    const event = values && readEvent(values, this.sources)
    if (event !== undefined) this.events.push(event)
    return event !== undefined
  }

  private takeSource(line: string): boolean {
    let numbered = this.known.get(line)
    if (numbered === undefined) {
      const values = parseLine(line)
      numbered = values && readSource(values)
      if (numbered === undefined) return false
      this.known.set(line, numbered)
    }
    this.sources.set(numbered.number, numbered.source)
    this.sourceLines += `${line}\n`
    return true
  }
}
