import type { Records, Row } from '#ports/records.ts'
import type { Engine } from '../engine.ts'
import type { Kind } from './kind.ts'

/** The records of an instance, by the names that a file has for them. */
export interface Existing {
  /** Live records of a kind by their names, sorted. */
  entries(kind: Kind): Promise<ReadonlyMap<string, Row>>
  /** The name of a record: the value of its first lookup field, else its id. */
  nameOf(module: string, id: string): Promise<string>
  /** The id of the one record that a name or id stands for. */
  idOf(module: string, name: string): Promise<string | undefined>
}

type AnyRecords = {
  get(module: string, id: string): Promise<Row | undefined>
  getBy(module: string, field: string, value: unknown): Promise<Row | undefined>
  each(module: string): AsyncIterable<Row>
}

/** Reads records once each; meant for one plan or one dump. */
export function readExisting(engine: Pick<Engine, 'modules'> & { readonly records: Records }): Existing {
  const records = engine.records as unknown as AnyRecords
  const names = new Map<string, string>()
  const lookupsOf = (module: string): readonly string[] =>
    [...(engine.modules.get(module)?.fields.values() ?? [])]
      .filter((field) => field.isLookup && !field.isInternal)
      .map(({ name }) => name)

  const nameOf: Existing['nameOf'] = async (module, id) => {
    const key = `${module}/${id}`
    const known = names.get(key)
    if (known !== undefined) return known
    const row = await records.get(module, id)
    const value = lookupsOf(module)
      .map((name) => row?.[name])
      .find((one) => typeof one === 'string' && one !== '')
    const name = typeof value === 'string' ? value : id
    names.set(key, name)
    return name
  }

  return {
    nameOf,
    async idOf(module, name) {
      const byId = await records.get(module, name)
      if (byId !== undefined) return byId.id
      for (const field of lookupsOf(module)) {
        const row = await records.getBy(module, field, name)
        if (row !== undefined) return row.id
      }
      return undefined
    },
    async entries(kind) {
      const found: [string, Row][] = []
      for await (const row of records.each(kind.module)) {
        if (kind.endedBy !== undefined && row[kind.endedBy] !== null) continue
        const name = await entryName(kind, row, nameOf)
        if (name !== undefined) found.push([name, row])
      }
      return new Map(found.sort(([one], [other]) => (one < other ? -1 : 1)))
    },
  }
}

/** The name of an entry; undefined for a record that has none. */
async function entryName(kind: Kind, row: Row, nameOf: Existing['nameOf']): Promise<string | undefined> {
  const parts: string[] = []
  for (const name of kind.identity) {
    const value = row[name]
    if (typeof value !== 'string' || value === '') return undefined
    const { to } = kind.definition.fields.get(name) ?? {}
    parts.push(to === undefined ? value : await nameOf(to, value))
  }
  return parts.join('/')
}
