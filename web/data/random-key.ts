/** A name that nothing else has: 32 hexadecimal digits. Not `randomUUID`, which browsers keep to HTTPS. */
export const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
