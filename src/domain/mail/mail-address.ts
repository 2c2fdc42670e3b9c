const form =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The one address that a text is, in lower case; undefined for anything else: a list, a name with an address, two lines. */
export function mailAddress(text: string): string | undefined {
  const address = text.toLowerCase()
  return address.length <= 254 && address.indexOf('@') <= 64 && form.test(address) ? address : undefined
}
