/** What the journal can be narrowed by; it is kept in the address. */
export const ledgerFilters = ['account', 'kind', 'currency', 'reference', 'from', 'until'] as const
/** A choice of filters. */
export type LedgerFilter = { readonly [Name in (typeof ledgerFilters)[number]]?: string }

/** Reads the filters out of an address. */
export const ledgerFilter = (search: Record<string, unknown>): LedgerFilter =>
  Object.fromEntries(
    ledgerFilters.flatMap((name) => {
      const value = search[name]
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )
