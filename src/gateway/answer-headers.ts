// What the gateway says itself about a request; an upstream's word on it would contradict ours.
const ownNames = new Set([
  'ratelimit',
  'ratelimit-policy',
  'x-quota-limit',
  'x-quota-remaining',
  'x-quota-reset',
  'x-quota-used',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
])

const remembered = new Map<string, boolean>()
const rememberAtMost = 2_000

function isOwn(name: string): boolean {
  const known = remembered.get(name)
  if (known !== undefined) return known
  const own = ownNames.has(name.toLowerCase())
  if (remembered.size < rememberAtMost) remembered.set(name, own)
  return own
}

/** Takes the headers that only the gateway may send out of an upstream's flat list, in place. */
export function dropOwnHeaders(headers: string[]): void {
  for (let index = headers.length - 2; index >= 0; index -= 2)
    if (isOwn(headers[index] as string)) headers.splice(index, 2)
}
