const plainIpv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const ipv4WithPort = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/
const bracketed = /^\[([^\]]*)\](?::\d+)?$/
const longest = 64

/**
 * Whom an address stands for when attempts are counted: an IPv4 address itself, of an IPv6 address its first 64 bits, because one host
 * usually has them all. A port is left out; what is no address stands for itself, cut at 64 characters.
 */
export function addressBlock(address: string): string {
  if (plainIpv4.test(address)) return address
  const bare = (bracketed.exec(address)?.[1] ?? address).split('%', 1)[0] ?? ''
  const ipv4 = ipv4WithPort.exec(bare)?.[1]
  if (ipv4 !== undefined) return ipv4
  const groups = groupsOf(bare)
  if (groups === undefined) return address.slice(0, longest)
  const [, , , , , marker, high = 0, low = 0] = groups
  const isMapped = marker === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight numbers of an IPv6 address; undefined for any other text. */
function groupsOf(text: string): readonly number[] | undefined {
  const url = `http://[${text}]/`
  if (!text.includes(':') || text.length > longest || !URL.canParse(url)) return undefined
  // A parsed URL has its IPv6 address in one form: hexadecimal groups, the longest run of zeros left out.
  const [front = '', back] = new URL(url).hostname.slice(1, -1).split('::')
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const head = numbers(front)
  const tail = back === undefined ? [] : numbers(back)
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}
