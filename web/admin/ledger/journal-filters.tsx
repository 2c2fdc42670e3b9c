import { text } from '@/text/ledger.ts'
import { FilterForm } from '../filter-form.tsx'
import { type LedgerFilter, ledgerFilters } from './ledger-filter.ts'

const happenings = [
  'invoice_finalized',
  'invoice_paid',
  'invoice_voided',
  'invoice_uncollectible',
  'credit_note',
  'credit_given',
  'credit_expired',
  'refunded',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
]

const labels: Readonly<Record<(typeof ledgerFilters)[number], string>> = {
  account: text.account,
  kind: text.happened,
  currency: text.currency,
  reference: text.reference,
  from: text.from,
  until: text.until,
}
const hints: Readonly<Record<string, string>> = {
  account: text.accountHint,
  currency: 'USD',
  reference: 'inv_…',
}

/** What the journal is narrowed by. */
export const JournalFilters = ({ filter }: { filter: LedgerFilter }) => (
  <FilterForm
    to="/ui/ledger"
    names={ledgerFilters}
    filter={filter}
    labels={labels}
    hints={hints}
    choices={{ kind: happenings }}
  />
)
