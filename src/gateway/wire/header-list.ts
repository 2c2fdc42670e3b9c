/** Headers as a flat list: name, value, name, value. One that comes again and again keeps what was made of it. */
export interface HeaderList extends ReadonlyArray<string> {
  /** True for one that is likely to come again. */
  isRepeated?: boolean
  passed?: PassedLines
}

/** The header lines of an upstream's answer that go on to the client. */
export interface PassedLines {
  /** Each ended by CRLF. */
  readonly lines: string
  readonly hasDate: boolean
}
