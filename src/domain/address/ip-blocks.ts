import type { FieldProblem } from '#contract/outcome.ts'
import { type IpAddress, parseIpAddress } from './ip-address.ts'

/** A set of addresses, written as addresses and CIDR blocks. */
export interface IpBlocks {
  has(address: IpAddress): boolean
}

/** A list of addresses as written, judged: null where nothing is listed. */
export type JudgedIpBlocks =
  | { readonly ok: true; readonly blocks: IpBlocks | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

const mostBlocks = 1_000

/** Judges a stored or given list of addresses and CIDR blocks; a problem names the element at fault. */
export function judgeIpBlocks(value: unknown, field: string): JudgedIpBlocks {
  if (value === null || value === undefined) return { ok: true, blocks: null }
  const refused = (reason: string): JudgedIpBlocks => ({ ok: false, problems: [{ field, reason }] })
  if (!Array.isArray(value)) return refused('must be a list, for example ["203.0.113.7", "10.0.0.0/8"]')
  if (value.length > mostBlocks) return refused(`must not have more than ${mostBlocks} elements`)
  const blocks: Block[] = []
  const problems: FieldProblem[] = []
  for (const [index, element] of value.entries()) {
    const block = blockOf(element)
    if (typeof block === 'string') problems.push({ field: `${field}[${index}]`, reason: block })
    else blocks.push(block)
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, blocks: blocks.length === 0 ? null : setOf(blocks) }
}

interface Block {
  readonly network: IpAddress
  /** How many of the bits of `network` count. */
  readonly bits: number
}

/** A block, or the reason why the element is none. */
function blockOf(element: unknown): Block | string {
  const notOne = 'must be an IP address or a CIDR block, such as 203.0.113.7 or 2001:db8::/32'
  if (typeof element !== 'string' || element.includes('%')) return notOne
  const [text = '', length, ...more] = element.split('/')
  const network = parseIpAddress(text)
  if (network === undefined || more.length > 0) return notOne
  const width = text.includes(':') ? 128 : 32
  if (length === undefined) return { network, bits: network.version === 4 ? 32 : 128 }
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > width) return notOne
  // A block of IPv4-mapped addresses is a block of IPv4 addresses, unless it is wider than all of these.
  const isMapped = network.version === 4 && width === 128
  const bits = isMapped ? Number(length) - 96 : Number(length)
  if (bits < 0) return 'reaches beyond the IPv4 addresses that it begins with; write them as IPv4'
  if (keyOf(network, bits) !== keyOf(network, 128))
    return `has bits set beyond its first ${length}; one address would be written without /${length}`
  return { network, bits }
}

function setOf(blocks: readonly Block[]): IpBlocks {
  const byVersion = { 4: new Map<number, Set<string>>(), 6: new Map<number, Set<string>>() }
  for (const { network, bits } of blocks) {
    const lengths = byVersion[network.version]
    const keys = lengths.get(bits) ?? new Set()
    lengths.set(bits, keys.add(keyOf(network, bits)))
  }
  return {
    has(address) {
      for (const [bits, keys] of byVersion[address.version]) if (keys.has(keyOf(address, bits))) return true
      return false
    },
  }
}

/** The first bits of an address as text; the others count as 0. */
function keyOf({ words }: IpAddress, bits: number): string {
  let key = ''
  for (const [index, word] of words.entries()) {
    const counting = Math.min(32, Math.max(0, bits - 32 * index))
    key += `${counting === 0 ? 0 : (word & (-1 << (32 - counting))) >>> 0},`
  }
  return key
}
