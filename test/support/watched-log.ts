import { createLog } from '#adapters/log/pino-log.ts'
import type { Log } from '#ports/log.ts'

/** A log that shows nothing and remembers every line in which something secret stood. */
export interface WatchedLog {
  readonly log: Log
  /** What must be in no line, besides what looks secret anyway; fields of a body by their names. */
  watch(sent: unknown): void
  /** Throws when a line told a secret. */
  expectNoSecret(): void
}

/** Keys and tokens of ours, tokens of sessions, hashes of passwords, secrets of webhooks. */
const looksSecret = [
  /[a-z]_[0-9a-f]{64}\b/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}/,
  /\$(?:argon2id?|2[aby])\$/,
  /\bwhsec_[\w+/=]{16,}/,
]
const secretNames = /^(?:password|new_password|current_password|token|secret|key|raw_key|code|value_secret)$/
/** Shorter ones stand in words. */
const shortestSecret = 8

export function watchedLog(): WatchedLog {
  const secrets = new Set<string>()
  const told: string[] = []
  const lines: string[] = []

  const look = (line: string): void => {
    if (looksSecret.some((pattern) => pattern.test(line))) told.push(line)
    else lines.push(line)
  }

  function watch(sent: unknown): void {
    if (typeof sent !== 'object' || sent === null) return
    for (const [name, value] of Object.entries(sent))
      if (typeof value !== 'string') watch(value)
      else if (secretNames.test(name) && value.length >= shortestSecret) secrets.add(value)
  }

  return {
    log: createLog({ level: 'info', format: 'json', destination: { write: look } }),
    watch,
    expectNoSecret() {
      for (const line of lines) if ([...secrets].some((secret) => line.includes(secret))) told.push(line)
      if (told.length > 0) throw new Error(`The log tells a secret:\n${told.join('')}`)
    },
  }
}
