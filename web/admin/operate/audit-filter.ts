/** What entries of the audit log can be told apart by. */
export const auditFilters = ['action', 'module', 'record', 'actor', 'outcome', 'from', 'until'] as const

/** Filters as they stand in the address. */
export type AuditFilter = { readonly [Name in (typeof auditFilters)[number]]?: string }

/** Reads filters out of an address. */
export const auditFilter = (search: Record<string, unknown>): AuditFilter =>
  Object.fromEntries(
    auditFilters.flatMap((name) => {
      const value = search[name]
      return value === undefined || value === '' ? [] : [[name, String(value)]]
    }),
  )
