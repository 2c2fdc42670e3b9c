/** Where a command writes and whom it can ask. */
export interface Terminal {
  /** The result: goes to standard output as it is. */
  write(text: string): void
  /** What a person wants to know beside the result: goes to standard error. */
  note(text: string): void
  /** Columns of the screen; undefined when nobody is looking, and then nothing is cut. */
  readonly width: number | undefined
  /** True when standard output may carry colours. */
  readonly hasColours: boolean
  /** Asks a person for yes or no; undefined when there is nobody to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined
  /** Reads everything from standard input, without the line break at its end. */
  readInput(): Promise<string>
}

/** What a process tells its caller, after sysexits(3) for the last one. */
export const exitCodes = { done: 0, refused: 1, usage: 2, fault: 70 } as const
