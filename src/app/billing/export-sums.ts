import { credit, payablePending, receivable } from '#domain/ledger/accounts.ts'
import type { UsageGroup } from '#ports/usage-store.ts'
import type { ExportDependencies, ExportTable } from './export-money.ts'
import { decimalText } from './export-records.ts'

const dayMs = 86_400_000

/** Rows of the ledger; for an organization those of its own accounts. Debits are positive. */
export const ledgerTable = ({ ledgerRows }: Pick<ExportDependencies, 'ledgerRows'>): ExportTable => ({
  columns: ['at', 'entry', 'kind', 'reference', 'account', 'amount', 'currency'],
  mostDays: 3_660,
  async *rows({ fromMs, toMs, organizationId: id }) {
    const accounts = id === undefined ? {} : { accounts: [receivable(id), credit(id), payablePending(id)] }
    for await (const row of ledgerRows({ fromMs, toMs, ...accounts }))
      yield [
        new Date(row.atMs).toISOString(),
        row.key,
        row.kind,
        row.reference,
        row.account,
        decimalText(row.amountMinor, row.currency),
        row.currency,
      ]
  },
})

const groups: readonly UsageGroup[] = [
  'organization_id',
  'subscription_id',
  'api_id',
  'api_key_id',
  'route_id',
]

/** Use by day, UTC, told apart by who called what with which key; keys and routes also by name. */
export function usageTable({ records, usageStore }: Omit<ExportDependencies, 'ledgerRows'>): ExportTable {
  return {
    columns: [
      'date',
      ...groups,
      'key',
      'route',
      'requests',
      'units',
      'errors',
      'request_bytes',
      'response_bytes',
      'mean_duration_ms',
    ],
    mostDays: 366,
    async *rows({ fromMs, toMs, organizationId }) {
      const names = namesOf(records)
      for (let day = fromMs; day < toMs; day += dayMs) {
        const query = { fromMs: day, toMs: day + dayMs, granularity: 'day', groupBy: groups } as const
        const totals = await usageStore.totals(
          organizationId === undefined ? query : { ...query, organizationId },
        )
        for (const sums of totals)
          yield [
            new Date(day).toISOString().slice(0, 10),
            ...groups.map((group) => sums[group] ?? ''),
            await names('api_key', sums.api_key_id),
            await names('route', sums.route_id),
            sums.requests,
            sums.units,
            sums.errors,
            sums.request_bytes,
            sums.response_bytes,
            sums.requests === 0 ? 0 : Math.round(sums.duration_ms / sums.requests),
          ]
      }
    },
  }
}

const mostNames = 10_000

/** Names of records, each read once as long as there are not too many of them. */
function namesOf(records: ExportDependencies['records']) {
  const known = new Map<string, string>()
  return async (module: 'api_key' | 'route', id: string | undefined): Promise<string> => {
    if (id === undefined || id === '') return ''
    const before = known.get(id)
    if (before !== undefined) return before
    const name = (await records.get(module, id))?.name ?? ''
    if (known.size < mostNames) known.set(id, name)
    return name
  }
}
