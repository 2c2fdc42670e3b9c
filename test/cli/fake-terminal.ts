import type { Terminal } from '#core/channel/cli/terminal.ts'

/** A terminal that remembers what was written to it, for tests. */
export function createFakeTerminal(
  options: { width?: number; hasColours?: boolean; answer?: boolean; input?: string } = {},
): Terminal & {
  readonly out: () => string
  readonly notes: () => string
  readonly questions: readonly string[]
} {
  let out = ''
  let notes = ''
  const questions: string[] = []
  const { answer } = options
  return {
    write: (text) => {
      out += text
    },
    note: (text) => {
      notes += text
    },
    width: options.width,
    hasColours: options.hasColours ?? false,
    confirm:
      answer === undefined
        ? undefined
        : async (question) => {
            questions.push(question)
            return answer
          },
    readInput: async () => options.input ?? '',
    out: () => out,
    notes: () => notes,
    questions,
  }
}
