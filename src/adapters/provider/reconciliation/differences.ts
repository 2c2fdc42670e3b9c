/** A record or a row, by field. */
export type Values = Readonly<Record<string, unknown>>

/** One field that is not the same on both sides. */
export interface FieldDifference {
  readonly field: string
  readonly local: unknown
  readonly external: unknown
}

const comparable = (value: unknown): string | undefined => {
  if (value === null || value === undefined || value === '') return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The fields that differ, by our name and theirs. A number and its text are the same, and so is nothing in all its forms. */
export function differingFields(
  local: Values,
  external: Values,
  fields: Readonly<Record<string, string>>,
): readonly FieldDifference[] {
  return Object.entries(fields)
    .map(([field, theirs]) => ({ field, local: local[field] ?? null, external: external[theirs] ?? null }))
    .filter((one) => comparable(one.local) !== comparable(one.external))
}
