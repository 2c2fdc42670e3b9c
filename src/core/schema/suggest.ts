/** No word of ours is longer; comparing longer ones would only cost time. */
const longestWord = 64

/** The number of single-character edits (swaps of neighbours count as one) between two words. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** The known word that a mistyped one most likely meant; undefined when none is near, or when the word is longer than any. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined
  let best: string | undefined
  let bestScore = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const isStart = candidate.length >= 2 && (word.startsWith(candidate) || candidate.startsWith(word))
    const edits = distance(word.toLowerCase(), candidate)
    const score = isStart ? Math.min(edits, 1) : edits
    if (score <= Math.max(1, Math.floor(candidate.length / 3)) && score < bestScore) {
      best = candidate
      bestScore = score
    }
  }
  return best
}

/** How to go on from an unknown word: the one it resembles, else all that there are; nothing when it is longer than 64 characters. */
export function hint(word: string, known: Iterable<string>): string {
  if (word.length > longestWord) return ''
  const words = [...known]
  const meant = nearest(word, words)
  if (meant !== undefined) return ` (did you mean "${meant}"?)`
  return words.length === 0 ? '' : ` (known: ${words.join(', ')})`
}
