const tokenCharacters = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/

/** 1 for each octet that may stand in a field name (RFC 9110, `tchar`). */
export const isToken = Uint8Array.from({ length: 256 }, (_, octet) =>
  tokenCharacters.test(String.fromCharCode(octet)) ? 1 : 0,
)

/** 1 for each octet that may stand in a field value or reason phrase: tab, space, visible ASCII, obs-text. */
export const isText = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet === 0x09 || (octet >= 0x20 && octet !== 0x7f) ? 1 : 0,
)

/** 1 for each octet that may stand in a request target: visible ASCII and what is beyond it. */
export const isTarget = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet > 0x20 && octet !== 0x7f ? 1 : 0,
)

/** The value of each octet as a hexadecimal digit, -1 where it is none. */
export const hexDigit = Int8Array.from({ length: 256 }, (_, octet) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(octet).toLowerCase()),
)

export const carriageReturn = 0x0d
export const lineFeed = 0x0a
export const colon = 0x3a
export const semicolon = 0x3b
export const space = 0x20
export const tab = 0x09
