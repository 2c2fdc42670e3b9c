import type { Config } from '../config.ts'

/** One finding: what was looked at, how it stands, and what to do where it is not well. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly todo?: string
}

/** Looks at one part of an instance without changing it. */
export type Examination = (config: Config, say: (line: string) => void) => Promise<readonly Check[]>
