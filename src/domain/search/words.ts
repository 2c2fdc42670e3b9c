const word = /[\p{L}\p{N}]+/gu
const mostLetters = 64
const mostWords = 20_000

/** The words of a text as a search compares them: lower case, without accents, in their order; at most 20,000. */
export function wordsOf(text: string): readonly string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const words: string[] = []
  for (const [found] of folded.matchAll(word)) {
    if (words.length === mostWords) break
    words.push(found.slice(0, mostLetters))
  }
  return words
}

/** How many mistakes are forgiven in a word of that length. */
export const forgiven = (letters: number): number => (letters < 4 ? 0 : letters < 8 ? 1 : 2)

/** The number of single-letter edits between two words, a swap of neighbours counting as one; stops counting above `most`. */
function distance(from: string, to: string, most: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
      )
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      current[column] = best
    }
    if (Math.min(...current) > most) return most + 1
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** The known word that a mistyped one most likely meant; undefined when none is near enough. */
export function meantWord(mistyped: string, known: Iterable<string>): string | undefined {
  let most = forgiven(mistyped.length)
  let meant: string | undefined
  for (const candidate of known) {
    const edits = distance(mistyped, candidate, most)
    if (edits > most || (edits === most && meant !== undefined)) continue
    meant = candidate
    most = edits
  }
  return meant
}
