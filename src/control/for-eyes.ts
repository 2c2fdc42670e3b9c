/**
 * Whether who asks is a browser that shows the answer to somebody: HTML is asked for by name, and JSON is not liked better. A program
 * that takes whatever there is gets what programs read.
 */
export function isForEyes(request: Request): boolean {
  const wishes = wishesOf(request.headers.get('accept') ?? '')
  const page = wishes.get('text/html') ?? 0
  return page > 0 && page >= (wishes.get('application/json') ?? 0)
}

/** How much each kind is liked, 0 to 1; one that cannot be read counts as liked, as if nothing had been said of it. */
function wishesOf(accept: string): ReadonlyMap<string, number> {
  const wishes = new Map<string, number>()
  for (const wish of accept.slice(0, 1_000).toLowerCase().split(',')) {
    const [type = '', ...parameters] = wish.split(';').map((part) => part.trim())
    const said = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    const weight = said === undefined ? 1 : Number(said)
    wishes.set(type, Number.isFinite(weight) ? Math.min(1, Math.max(0, weight)) : 1)
  }
  return wishes
}
