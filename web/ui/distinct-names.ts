const endLength = 4

/** The same rows under names that tell them apart: a key that was rotated has the name of the one before it. */
export function withDistinctNames<Row extends { readonly id: string | null; readonly name: string }>(
  rows: readonly Row[],
): readonly Row[] {
  const times = new Map<string, number>()
  for (const { name } of rows) times.set(name, (times.get(name) ?? 0) + 1)
  return rows.map((row) => {
    const isAlone = times.get(row.name) === 1
    if (row.id === null || (isAlone && row.name !== '')) return row
    return { ...row, name: row.name === '' ? row.id : `${row.name} · ${row.id.slice(-endLength)}` }
  })
}
