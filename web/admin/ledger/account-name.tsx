import { Link } from '@tanstack/react-router'
import { RecordLink } from '../module/value.tsx'
import type { LedgerFilter } from './ledger-filter.ts'

/** An account: its kind leads to its journal, and who it belongs to leads there. */
export function AccountName({ account, filter }: { account: string; filter: LedgerFilter }) {
  const [kind = '', owner, ...rest] = account.split(':')
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <Link to="/ui/ledger" search={{ ...filter, account }} className="hover:underline">
        {[kind.replaceAll('_', ' '), ...rest].join(' ')}
      </Link>
      {owner !== undefined && (
        <span className="truncate">
          <RecordLink id={owner} />
        </span>
      )}
    </span>
  )
}
