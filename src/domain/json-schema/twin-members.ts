/**
 * Finds a member that stands twice in one object of a JSON text: readers disagree about which of the two counts, so a check of one says
 * nothing about the other. The text must be valid JSON. Undefined when there is none.
 */
export function twinMember(json: string): string | undefined {
  // The names so far of every open object, null for an open list.
  const open: (Set<string> | null)[] = []
  let isName = false
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
        open.push(new Set())
        isName = true
        break
      case '[':
        open.push(null)
        isName = false
        break
      case '}':
      case ']':
        open.pop()
        isName = false
        break
      case ',':
        isName = open.at(-1) instanceof Set
        break
      case '"': {
        const end = endOfText(json, at)
        if (isName) {
          const name = JSON.parse(json.slice(at, end + 1)) as string
          const names = open.at(-1)
          if (names?.has(name) === true) return name
          names?.add(name)
          isName = false
        }
        at = end
        break
      }
    }
  }
  return undefined
}

/** Where the text that begins at a quote ends. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end === -1 ? json.length : end
}

function isEscaped(json: string, at: number): boolean {
  let slashes = 0
  while (json.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}
