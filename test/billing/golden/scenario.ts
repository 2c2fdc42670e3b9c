import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A customer's story and the invoices that it must come to, as a person can check them by hand. README.md says how it is written. */
export interface Scenario {
  readonly name: string
  /** When the customer begins. */
  readonly from: string
  /** A plan by its name, or the fields of one of their own. */
  readonly plan: string | Fields
  /** Further plans of the story, by name. */
  readonly plans?: Readonly<Record<string, Fields>>
  /** The billing profile. */
  readonly customer?: Fields
  /** A tax rate of this customer alone. */
  readonly tax?: Fields
  /** What happens when. */
  readonly happens?: Readonly<Record<string, string | readonly string[]>>
  /** The days on which the biller runs, at five past one; the story ends with the last of them. */
  readonly bills: string | readonly string[]
  /** True where nobody pays by themselves. */
  readonly unpaid?: boolean
  /** Each invoice: what it is for, its lines, its total, and what became of it. */
  readonly invoices: readonly (readonly string[])[]
  /** Prepaid credit that is left, by currency. */
  readonly credit?: readonly string[]
  /** Where they are told: every try to pay, every credit note, the subjects of the mails, and what the story leaves in the ledger. */
  readonly payments?: readonly string[]
  readonly notes?: readonly string[]
  readonly mails?: readonly string[]
  readonly ledger?: readonly string[]
}

/** Stories of one kind, with the coupons and taxes that they need. */
export interface ScenarioFile {
  readonly coupons: readonly Fields[]
  readonly taxes: readonly Fields[]
  readonly scenarios: readonly Scenario[]
}

/** Fields of a record. */
export type Fields = Readonly<Record<string, unknown>>

/** A moment of a story, and what is done then. */
export interface Moment {
  readonly atMs: number
  readonly deeds: readonly string[]
}

/** Reads a file of stories beside this one. */
export function readScenarios(name: string): ScenarioFile {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  // Times stay the text that was written.
  const { coupons = [], taxes = [], scenarios } = parse(text, { schema: 'core' })
  return { coupons, taxes, scenarios }
}

/** Everything that happens in a story, in the order of time: it begins, its deeds, the runs of the biller, its end. */
export function momentsOf({ from, happens = {}, bills }: Scenario): readonly Moment[] {
  const runs = listOf(bills)
  return [
    { atMs: Date.parse(from), deeds: ['begin'] },
    ...Object.entries(happens).map(([at, deeds]) => ({ atMs: Date.parse(at), deeds: listOf(deeds) })),
    ...runs.map((day, index) => ({
      atMs: Date.parse(`${day}T01:05:00Z`),
      deeds: index === runs.length - 1 ? ['settle up', 'end'] : ['settle up'],
    })),
  ].sort((one, other) => one.atMs - other.atMs)
}

const listOf = <T>(given: T | readonly T[]): readonly T[] => (Array.isArray(given) ? given : [given as T])
