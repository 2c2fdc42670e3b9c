import type { Terminal } from '#core/channel/cli/terminal.ts'

/** Progress for a person who looks: one line that is written again and again; nothing where nobody looks. */
export interface ProgressBar {
  show(done: number, total: number | undefined): void
  /** Takes the line away. */
  end(): void
}

const cells = 30

/** Makes a bar on standard error, so that the result stays alone on standard output. */
export function createProgressBar({ note, width }: Pick<Terminal, 'note' | 'width'>): ProgressBar {
  if (width === undefined) return { show: () => undefined, end: () => undefined }
  return {
    show(done, total) {
      // What is read can grow while it is read.
      const part = total === undefined || total === 0 ? undefined : Math.min(done / total, 1)
      const filled = part === undefined ? 0 : Math.round(part * cells)
      const bar =
        part === undefined
          ? ''
          : `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}] ${Math.floor(part * 100)}% `
      note(`\r\u001b[2K${`${bar}${done} rows`.slice(0, width - 1)}`)
    },
    end: () => note('\r\u001b[2K'),
  }
}
