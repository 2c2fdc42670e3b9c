import { rememberNames } from '../wire/name-memory.ts'

/** How a proxy treats a field of an answer; everything that is not listed is passed on. */
export const fieldKind = {
  plain: 0,
  contentLength: 1,
  transferEncoding: 2,
  connection: 3,
  keepAlive: 4,
  /** Says something about this connection only, and is dropped. */
  hopByHop: 5,
  upgrade: 6,
} as const

const special: ReadonlyMap<string, number> = new Map([
  ['connection', fieldKind.connection],
  ['content-length', fieldKind.contentLength],
  ['keep-alive', fieldKind.keepAlive],
  ['proxy-authenticate', fieldKind.hopByHop],
  ['proxy-connection', fieldKind.hopByHop],
  ['te', fieldKind.hopByHop],
  ['trailer', fieldKind.hopByHop],
  ['transfer-encoding', fieldKind.transferEncoding],
  ['upgrade', fieldKind.upgrade],
])

/** The kind of a field by its name in any case. */
export const kindOf = rememberNames((name): number => special.get(name.toLowerCase()) ?? fieldKind.plain)
