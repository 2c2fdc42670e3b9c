import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { decodeCursor, encodeCursor } from '#core/storage/cursor.ts'
import type { AccountBalance } from '#ports/ledger.ts'
import type { JournalPlace, JournalQuery } from '#ports/ledger-book.ts'

/** A question about the ledger as it was asked. */
export interface AskedLedger {
  readonly query: JournalQuery
  readonly limit: number
  readonly cursor: string | undefined
}

const texts = ['account', 'kind', 'currency', 'reference'] as const
const mostCharacters = 200
const pageSizes = { usual: 50, most: 200 }
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/

type Name = (typeof texts)[number] | 'from' | 'until' | 'limit' | 'cursor'

/** Reads the parameters that `known` names; every wrong one is named. */
export function readLedgerQuery(parameters: URLSearchParams, known: readonly Name[]): Outcome<AskedLedger> {
  const problems: FieldProblem[] = []
  const query: { -readonly [Field in keyof JournalQuery]: JournalQuery[Field] } = {}
  let limit = pageSizes.usual
  let cursor: string | undefined
  for (const [name, value] of parameters) {
    const wrong = (reason: string) => problems.push({ field: name, reason })
    const text = texts.find((one) => one === name)
    if (!known.some((one) => one === name)) wrong('is not a known parameter')
    else if (value === '' || value.length > mostCharacters || value.includes('\u0000'))
      wrong(`must have 1 to ${mostCharacters} characters`)
    else if (text !== undefined) query[text] = value
    else if (name === 'limit') {
      limit = /^\d{1,4}$/.test(value) ? Math.min(Number(value), pageSizes.most) : 0
      if (limit === 0) wrong('must be a whole number from 1')
    } else if (name === 'cursor') cursor = value
    else {
      const at = instant.test(value) ? Date.parse(value) : Number.NaN
      if (Number.isNaN(at)) wrong('must be a time such as 2026-11-21T09:00:00Z')
      else query[name === 'from' ? 'fromMs' : 'toMs'] = at
    }
  }
  return problems.length > 0 ? refuseFields(problems) : accept({ query, limit, cursor })
}

/** The cursor after an entry of the journal. */
export const journalCursor = ({ atMs, key }: JournalPlace): string =>
  encodeCursor('ledger', { value: atMs, id: key })

/** The entry after which the next page begins. */
export function readJournalCursor(cursor: string | undefined): Outcome<JournalPlace | undefined> {
  if (cursor === undefined) return accept(undefined)
  const place = decodeCursor(cursor, 'ledger')
  if (!place.ok) return place
  const { value, id } = place.value
  return typeof value === 'number' ? accept({ atMs: value, key: id }) : notACursor
}

type AccountPlace = Pick<AccountBalance, 'account' | 'currency'>

/** The cursor after an account. */
export const accountCursor = ({ account, currency }: AccountPlace): string =>
  encodeCursor('accounts', { value: account, id: currency })

/** The account after which the next page begins. */
export function readAccountCursor(cursor: string | undefined): Outcome<AccountPlace | undefined> {
  if (cursor === undefined) return accept(undefined)
  const place = decodeCursor(cursor, 'accounts')
  if (!place.ok) return place
  const { value, id } = place.value
  return typeof value === 'string' ? accept({ account: value, currency: id }) : notACursor
}

const notACursor = refuseFields([
  { field: 'cursor', reason: 'is not valid; use next_cursor as it was given' },
])
