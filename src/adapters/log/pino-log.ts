import pino from 'pino'
import type { Log } from '#ports/log.ts'
import { redact, redactText } from './redact.ts'
import { textLine } from './text-line.ts'

/** How much to log, how it looks, and where it goes (standard output unless given). */
export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'json' | 'text'
  readonly destination?: { write(line: string): void }
}

/** A log of one line an event, as JSON or for people; no secret passes. An `error` field is shown with its causes. */
export function createLog(options: LogOptions): Log {
  const target = options.destination ?? pino.destination({ fd: 1, sync: true })
  const destination =
    options.format === 'json' ? target : { write: (line: string) => void target.write(textLine(line)) }
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    destination,
  )
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (!logger.isLevelEnabled(level)) return
    const safe = redact(fields)
    const named = fields instanceof Error ? { error: safe } : (safe as object)
    logger[level](named, redactText(message))
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
