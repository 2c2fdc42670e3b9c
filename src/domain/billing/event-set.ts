/** What stands in front of an event set. */
export const eventSetHead = 'at,id,route_id,api_key_id,units\n'

/** One billed event, as customers can look at it. */
export interface SetEvent {
  readonly at: number
  readonly id: string
  readonly route_id: string
  readonly api_key_id: string
  readonly units: number
}

/** The line of an event in the set that an invoice's hash is taken over. */
export const eventSetLine = ({ at, id, route_id, api_key_id, units }: SetEvent): string =>
  `${new Date(at).toISOString()},${cell(id)},${cell(route_id)},${cell(api_key_id)},${units}\n`

/** Quoted where it must be; a spreadsheet shall not take an id for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
