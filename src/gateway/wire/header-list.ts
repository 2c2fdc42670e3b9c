import type { PassedLines } from '../answer-headers.ts'

/** Headers as a flat list: name, value, name, value. One that comes again and again keeps what was made of it. */
export interface HeaderList extends ReadonlyArray<string> {
  /** True for one that is likely to come again. */
  isRepeated?: boolean
  passed?: PassedLines
}
