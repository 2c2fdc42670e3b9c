import type { Accounts } from '#app/account/accounts.ts'
import type { LeakReport } from '#app/account/leaked-keys.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler } from '../route-table.ts'
import { originOf, type Surroundings } from './answers.ts'

const mostReports = 100
const longest = { token: 256, url: 2_000, source: 200, type: 200 } as const

/** Reports of keys that were found in public, by their rule. */
export function leakHandlers(
  deps: Surroundings & { readonly accounts: Pick<Accounts, 'reportLeaks'> },
): Readonly<Record<string, ControlHandler>> {
  return {
    'POST /api/v1/keys/leaked': async (asked) => {
      const reports = await readReports(asked.request)
      if (!reports.ok) return refusalAnswer(reports, asked.requestId)
      const taken = await deps.accounts.reportLeaks(reports.value, originOf(deps, asked).address)
      if (!taken.ok) return refusalAnswer(taken, asked.requestId)
      return dataAnswer({ received: reports.value.length }, { status: 202 })
    },
  }
}

/** One report, or several as `reports`. */
async function readReports(request: Request): Promise<Outcome<readonly LeakReport[]>> {
  const body = await readBody(request)
  if (!body.ok) return body
  const { reports, ...rest } = body.value
  const isMany = reports !== undefined && Object.keys(rest).length === 0
  if (isMany && (!Array.isArray(reports) || reports.length === 0 || reports.length > mostReports))
    return refuseFields([{ field: 'reports', reason: `must be a list of 1 to ${mostReports} reports` }])
  const list: readonly unknown[] = isMany ? (reports as unknown[]) : [body.value]
  const problems = list.flatMap((one, index) => problemsOf(one, isMany ? `reports[${index}].` : ''))
  if (problems.length > 0) return refuseFields(problems)
  return accept((list as Readonly<Record<string, string>>[]).map(toReport))
}

function problemsOf(one: unknown, at: string): readonly FieldProblem[] {
  if (typeof one !== 'object' || one === null || Array.isArray(one))
    return [{ field: at.slice(0, -1), reason: 'must be an object with a token' }]
  const given = one as Readonly<Record<string, unknown>>
  const problems: FieldProblem[] = []
  for (const [field, value] of Object.entries(given)) {
    const most = Object.hasOwn(longest, field) ? longest[field as keyof typeof longest] : undefined
    if (most === undefined) problems.push({ field: at + field, reason: 'is not a known field' })
    else if (typeof value !== 'string' || value.length > most || /\p{Cc}/u.test(value))
      problems.push({ field: at + field, reason: `must be text of at most ${most} characters` })
  }
  if (given['token'] === undefined) problems.push({ field: `${at}token`, reason: 'is required' })
  return problems
}

const toReport = ({ token = '', url = '', source = '' }: Readonly<Record<string, string>>): LeakReport => ({
  token,
  source: url || source,
})
