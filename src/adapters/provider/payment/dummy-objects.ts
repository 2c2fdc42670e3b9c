import { createHash } from 'node:crypto'
import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

type Kind = Rows['dummy_payment_object']['kind']
type Data = Readonly<Record<string, unknown>>

/** One object of the dummy, as its life has left it. */
export interface DummyObject {
  readonly id: string
  readonly revision: number
  readonly data: Data
}

/** The objects of the dummy, in the database: every process sees the same ones. */
export interface DummyObjects {
  /** Makes an object; the same key with the same data is the same object, with other data a refusal. */
  make(kind: Kind, data: Data, key: string | undefined | null): Promise<Outcome<DummyObject>>
  find(kind: Kind, id: string): Promise<Outcome<DummyObject>>
  /** Changes an object by a decision that is made again when another one was faster. */
  change<T>(
    kind: Kind,
    id: string,
    decide: (data: Data) => Outcome<{ data: Data; answer: T }>,
  ): Promise<Outcome<T>>
  /** Objects that were made in a time, oldest first. */
  between(kind: Kind, from: string, to: string): AsyncIterable<DummyObject & { readonly at: string }>
}

const prefixes: Readonly<Record<Kind, string>> = {
  customer: 'cus',
  price: 'price',
  checkout: 'cs',
  subscription: 'sub',
  payment: 'pay',
}
const mostTries = 20

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const objectOf = (row: Rows['dummy_payment_object']): DummyObject => ({
  id: row.external_id,
  revision: row.revision,
  data: row.data as Data,
})

/** Makes the objects over the module that keeps them. */
export function createDummyObjects(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly ids: Ids
}): DummyObjects {
  const { records, invoke, ids } = deps
  const module = 'dummy_payment_object'
  const asSystem = () => ({ actor: systemActor, requestId: ids.next('req') })
  const rowOf = async (kind: Kind, id: string) => {
    const row = await records.getBy(module, 'external_id', id)
    return row?.kind === kind ? row : undefined
  }
  const missing = (kind: Kind, id: string) =>
    refuse('not_found', `The dummy has no ${kind} ${id.slice(0, 80)}`)

  return {
    async make(kind, data, key) {
      const isKeyed = key !== undefined && key !== null
      const end = isKeyed ? digest(`${kind} ${key}`).slice(0, 24) : ids.randomHex(12)
      const externalId = `${prefixes[kind]}_dummy_${end}`
      const fingerprint = digest(JSON.stringify(data))
      const input = { kind, external_id: externalId, fingerprint, data }
      const made = await invoke({ module, action: 'create', input, ...asSystem() })
      if (made.ok) return accept({ id: externalId, revision: 1, data })
      const known = made.code === 'conflict' && isKeyed ? await rowOf(kind, externalId) : undefined
      if (known === undefined) throw new Fault(made.code, made.message)
      if (known.fingerprint === fingerprint) return accept(objectOf(known))
      return refuse('idempotency_mismatch', 'This idempotency_key was used for something else', {
        field: 'idempotency_key',
      })
    },
    async find(kind, id) {
      const row = await rowOf(kind, id)
      return row === undefined ? missing(kind, id) : accept(objectOf(row))
    },
    async change(kind, id, decide) {
      for (let tries = 0; tries < mostTries; tries++) {
        const row = await rowOf(kind, id)
        if (row === undefined) return missing(kind, id)
        const decided = decide(row.data as Data)
        if (!decided.ok) return decided
        const input = { data: decided.value.data, revision: row.revision + 1 }
        const updated = await invoke({ module, action: 'update', id: row.id, input, ...asSystem() })
        if (updated.ok) return accept(decided.value.answer)
        if (updated.code !== 'conflict') throw new Fault(updated.code, updated.message)
      }
      return refuse('conflict', 'Too many change the same object at this moment')
    },
    async *between(kind, from, to) {
      const where = [
        { field: 'kind', op: 'eq', value: kind },
        { field: 'created_at', op: 'gte', value: from },
        { field: 'created_at', op: 'lt', value: to },
      ] as const
      for await (const row of records.each(module, where)) yield { ...objectOf(row), at: row.created_at }
    },
  }
}
