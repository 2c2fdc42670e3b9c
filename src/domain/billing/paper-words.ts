const mostPartLength = 500
const mostPartyLines = 14

/** A day in words, UTC: `21 November 2026`; empty for none. */
export function dayText(time: string | null): string {
  if (time === null || Number.isNaN(Date.parse(time))) return ''
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(time))
}

/** The first and the last day of a time, which itself ends before its end; empty for none. */
export function spanText(start: string | null, end: string | null): string {
  if (start === null || end === null) return ''
  const last = new Date(Math.max(Date.parse(start), Date.parse(end) - 1)).toISOString()
  const [from, to] = [dayText(start).split(' '), dayText(last).split(' ')]
  // What both have in common is said once: `1 – 30 November 2026`.
  const shared = from[2] !== to[2] ? 0 : from[1] !== to[1] ? 1 : from[0] !== to[0] ? 2 : 3
  return shared === 3 ? to.join(' ') : `${from.slice(0, 3 - shared).join(' ')} – ${to.join(' ')}`
}

/** Somebody on paper: name, address, country in words, tax number and e-mail, without what is empty. */
export function partyLines(party: unknown): readonly string[] {
  const known = typeof party === 'object' && party !== null ? (party as Record<string, unknown>) : {}
  const part = (name: string): string => {
    const value = known[name]
    return typeof value === 'string' ? value.slice(0, mostPartLength).trim() : ''
  }
  const city = [part('postal_code'), part('city')].filter((text) => text !== '').join(' ')
  const tax = part('tax_number') === '' ? '' : `Tax number ${part('tax_number')}`
  return [
    part('name'),
    ...part('address').split(/\r?\n/),
    city,
    countryName(part('country')),
    tax,
    part('email'),
  ]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .slice(0, mostPartyLines)
}

function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code
  return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code
}
