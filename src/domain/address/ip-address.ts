/** An IP address: 32 bits in one word, or 128 in four. An IPv4-mapped IPv6 address is the IPv4 address that it stands for. */
export interface IpAddress {
  readonly version: 4 | 6
  /** Unsigned, the highest first. */
  readonly words: readonly number[]
}

/** Reads an address as RFC 4291 and dotted decimals write it, without port; a zone (`%eth0`) is left out. Undefined for any other text. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > longest) return undefined
  if (!text.includes(':')) {
    const word = parseIpv4(text)
    return word === undefined ? undefined : { version: 4, words: [word] }
  }
  const groups = groupsOf(text.split('%', 1)[0] ?? '')
  if (groups === undefined) return undefined
  const words = [0, 2, 4, 6].map((at) => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0)
  const [first, second, third, last = 0] = words
  const isMapped = first === 0 && second === 0 && third === 0xffff
  return isMapped ? { version: 4, words: [last] } : { version: 6, words }
}

const longest = 64

// A leading zero would be octal to some readers and decimal to others.
const ipv4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

function parseIpv4(text: string): number | undefined {
  const octets = ipv4.exec(text)?.slice(1).map(Number)
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined
  return octets.reduce((word, octet) => ((word << 8) | octet) >>> 0, 0)
}

/** The eight 16-bit groups of an IPv6 address, whose last two may be written as IPv4. */
function groupsOf(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [front = '', back] = halves
  const head = groupList(front, back === undefined)
  const tail = back === undefined ? [] : groupList(back, true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (back === undefined ? missing !== 0 : missing < 1) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

function groupList(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const word = isEnd && index === parts.length - 1 ? parseIpv4(part) : undefined
    if (word === undefined) return undefined
    groups.push(word >>> 16, word & 0xffff)
  }
  return groups
}
