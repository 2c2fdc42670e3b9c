import { useNavigate, useSearch } from '@tanstack/react-router'

/** What the address of a page says of its filters; to set one keeps the others, and an empty one leaves the address. */
export function useAddressFilters<Name extends string>(
  names: readonly Name[],
): [Readonly<Record<Name, string>>, (change: Partial<Record<Name, string>>) => void] {
  const search = useSearch({ strict: false }) as Readonly<Record<string, unknown>>
  const navigate = useNavigate()
  const values = Object.fromEntries(
    names.map((name) => [
      name,
      ['string', 'number'].includes(typeof search[name]) ? String(search[name]) : '',
    ]),
  ) as Record<Name, string>
  const change = (next: Partial<Record<Name, string>>): void => {
    const kept = Object.entries({ ...values, ...next }).filter(([, value]) => value !== '')
    void navigate({ to: '.', search: Object.fromEntries(kept) as never, replace: true })
  }
  return [values, change]
}
