const piece = Buffer.from(Array.from({ length: 65_521 }, (_, index) => index % 251))

/** How many pieces `pour` cuts so many bytes into, and how long they are. */
export const pouredPieces = (total: number) => ({
  count: Math.ceil(total / piece.length),
  pieceBytes: piece.length,
  lastBytes: total % piece.length || piece.length,
})

/** Writes `total` bytes of the pattern, no faster than `write` has room for; the returned function goes on after a drain. */
export function pour(
  total: number,
  write: (chunk: Buffer, isLast: boolean) => boolean,
): { readonly written: number; proceed: () => void } {
  const state = {
    written: 0,
    proceed: () => {
      while (state.written < total) {
        const chunk = piece.subarray(0, Math.min(piece.length, total - state.written))
        state.written += chunk.length
        if (!write(chunk, state.written === total)) return
      }
    },
  }
  state.proceed()
  return state
}

/** Checks byte by byte that the pattern arrives, and counts it. */
export function createPatternChecker(): { take: (chunk: Buffer) => void; readonly count: number } {
  const state = {
    count: 0,
    take: (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const offset = state.count % piece.length
        const length = Math.min(chunk.length - at, piece.length - offset)
        if (chunk.compare(piece, offset, offset + length, at, at + length) !== 0) {
          throw new Error(`other bytes than were sent, near ${state.count}`)
        }
        at += length
        state.count += length
      }
    },
  }
  return state
}
