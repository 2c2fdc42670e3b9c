import type { Accounts } from '#app/account/accounts.ts'
import type { Spending } from '#app/account/spending.ts'
import { type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler } from '../route-table.ts'
import { asMember, knownBody } from './member-request.ts'

/** What an organization spends, by rule. */
export function spendingHandlers(deps: {
  readonly accounts: Pick<Accounts, 'spending'>
}): Readonly<Record<string, ControlHandler>> {
  const { accounts } = deps
  return {
    'GET /api/v1/spending': asMember(async (keeper) =>
      spendingAnswer(await accounts.spending.show(keeper), keeper.requestId),
    ),
    'PUT /api/v1/spending/cap': asMember(async (keeper, { request }) => {
      const body = await knownBody(request, ['cap'])
      if (!body.ok) return refusalAnswer(body, keeper.requestId)
      const { cap } = body.value
      if (cap !== null && !(Number.isInteger(cap) && Number(cap) >= 0)) {
        const refusal = refuseFields([{ field: 'cap', reason: 'must be null or minor units, at least 0' }])
        return refusalAnswer(refusal, keeper.requestId)
      }
      return spendingAnswer(await accounts.spending.cap(keeper, cap as number | null), keeper.requestId)
    }),
  }
}

function spendingAnswer(spending: Outcome<Spending>, requestId: string): Response {
  if (!spending.ok) return refusalAnswer(spending, requestId)
  const { organization, month, spent } = spending.value
  return dataAnswer({
    period: month.label,
    resets_at: new Date(month.end).toISOString(),
    cap: organization.spend_cap,
    spent: spent.map(({ currency, amountMinor }) => ({ currency, amount: amountMinor })),
  })
}
