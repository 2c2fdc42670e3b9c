import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  special.addSubnet(network, bits, 'ipv6')

/** The IPv4 address inside of a mapped IPv6 one, in dots. */
function mappedAddress(address: string): string | undefined {
  const url = `http://[${address}]/`
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(host) ?? []
  if (high === undefined || low === undefined) return undefined
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [one >> 8, one & 255, other >> 8, other & 255].join('.')
}

/** True for loopback, private, link-local, reserved and multicast addresses, however they are written; also for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? ''
  if (isIPv4(bare)) return special.check(bare, 'ipv4')
  if (!isIPv6(bare)) return true
  const mapped = mappedAddress(bare)
  return mapped === undefined ? special.check(bare, 'ipv6') : special.check(mapped, 'ipv4')
}

const isLocalName = (host: string): boolean =>
  /^(?:localhost|.*\.(?:localhost|local|internal))\.?$/i.test(host)

/** True for the host of a URL that is a private address or a name of this machine or network. Other names have to be looked up. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) === 0 ? isLocalName(bare) : isPrivateAddress(bare)
}
