/** The weather of one city, the same for the same city at every call. */
export interface Observation {
  readonly city: string
  readonly temperature_c: number
  readonly conditions: string
  readonly humidity_pct: number
  readonly wind_kph: number
  readonly observed_at: string
}

/** The cities that the list and the stream show; every other name has weather too. */
export const cities: readonly string[] = ['Lagos', 'Lisbon', 'Nairobi', 'Oslo', 'Tokyo']

const skies = ['sunny', 'partly cloudy', 'cloudy', 'light rain', 'thunderstorms', 'fog'] as const
const day = 24 * 60 * 60 * 1000
const firstDay = Date.UTC(2026, 0, 1)

/** What a city's weather is: made from its name alone, so that examples and tests can state it. */
export function observe(city: string): Observation {
  return onDay(city, 0)
}

/** The next days of a city, each made from its name and the number of the day. */
export function forecast(city: string, days: number): { city: string; days: readonly Observation[] } {
  return {
    city: titled(city),
    days: Array.from({ length: days }, (_, index) => onDay(city, index + 1)),
  }
}

function onDay(city: string, index: number): Observation {
  const seed = hash(`${titled(city).toLowerCase()}/${index}`)
  return {
    city: titled(city),
    temperature_c: 8 + (seed % 270) / 10,
    conditions: skies[(seed >>> 9) % skies.length] ?? 'sunny',
    humidity_pct: 30 + ((seed >>> 13) % 65),
    wind_kph: (seed >>> 20) % 45,
    observed_at: new Date(firstDay + index * day).toISOString(),
  }
}

function titled(city: string): string {
  const words = city.trim().toLowerCase().split(/\s+/)
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(' ')
}

/** FNV-1a over 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
