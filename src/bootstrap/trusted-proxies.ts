import { BlockList, isIP } from 'node:net'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'

/** Tells which peers may speak for their clients; the texts are addresses or CIDR blocks. */
export function trustedProxies(texts: readonly string[]): Outcome<(address: string) => boolean> {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? undefined : Number(bits)
    const longest = version === 6 ? 128 : 32
    if (
      version === 0 ||
      (prefix !== undefined && !(Number.isInteger(prefix) && prefix >= 0 && prefix <= longest))
    )
      return refuseFields([
        { field: 'APIGATE_TRUSTED_PROXIES', reason: `holds "${text}", which is no address or CIDR block` },
      ])
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, prefix, family)
  }
  if (texts.length === 0) return accept(() => false)
  return accept((address) => {
    const version = isIP(address)
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  })
}
