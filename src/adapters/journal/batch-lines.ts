import type { UsageEvent } from '#contract/usage-event.ts'
import { type EventSource, eventStart, parseLine, readEvent, readSource } from './line.ts'

/** The beginning of a source line, with its number. */
const numbered = /^\["source",(\d{1,9})(?=,)/

/** Reads the lines of batches, strictly: one that is cut short or altered in its shape is damaged, and so is what names it. */
export class BatchLines {
  readonly events: UsageEvent[] = []
  /** Lines that are no event, as they stand in the file; the first of a batch with the lines of the sources before it. */
  readonly damaged: string[] = []

  private readonly sources = new Map<unknown, EventSource>()
  /** The lines of the sources of this batch, until they are set aside with what is damaged in it. */
  private sourceLines = ''
  // By the text behind its number, a source is read once for many batches; and whoever groups events compares it at a glance.
  private readonly known = new Map<string, EventSource>()

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
    const start = numbered.exec(line)
    if (start === null) return false
    const rest = line.slice(start[0].length)
    let source = this.known.get(rest)
    if (source === undefined) {
      const values = parseLine(line)
      source = values && readSource(values)?.source
      if (source === undefined) return false
      this.known.set(rest, source)
    }
    this.sources.set(Number(start[1]), source)
    this.sourceLines += `${line}\n`
    return true
  }
}
