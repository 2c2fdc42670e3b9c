import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import { addressProblem, judgeTargets } from '#domain/upstream/targets.ts'
import type { Behaviour } from '#ports/behaviour.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const ownedByHop =
  /^(host|connection|content-length|transfer-encoding|te|upgrade|trailer|expect|keep-alive)$/i

/** before upstream.create and .update: an address that can be called and credentials that can be sent. */
export const checkUpstream: Behaviour = ({ input, before }) => {
  const value = (field: string): unknown => (input[field] === undefined ? before?.[field] : input[field])
  const problems: FieldProblem[] = []
  const baseProblem = addressProblem(String(value('base_url')))
  if (baseProblem !== undefined) problems.push({ field: 'base_url', reason: baseProblem })
  problems.push(...careProblems(value))

  const authType = value('auth_type')
  const header = String(value('auth_header') ?? '')
  const secret = value('auth_value_encrypted')
  if (authType === 'header' && (!token.test(header) || ownedByHop.test(header)))
    problems.push({ field: 'auth_header', reason: 'must name a header that may be sent to the upstream' })
  if (authType !== 'none' && authType !== undefined) {
    if (typeof secret !== 'string' || secret === '')
      problems.push({ field: 'auth_value_encrypted', reason: `is required when auth_type is ${authType}` })
    else if (!/^[\x20-\x7e\x80-\xff]+$/.test(secret))
      problems.push({ field: 'auth_value_encrypted', reason: 'holds characters that a header cannot carry' })
    else if (authType === 'basic' && !secret.includes(':'))
      problems.push({
        field: 'auth_value_encrypted',
        reason: 'must be user:password when auth_type is basic',
      })
  }
  return problems.length === 0 ? undefined : refuseFields(problems)
}

/** What can be said of the addresses, the checks and the bounds without calling anybody. */
function careProblems(value: (field: string) => unknown): FieldProblem[] {
  const problems: FieldProblem[] = []
  const judged = judgeTargets(value('targets'))
  if (!judged.ok) problems.push(...judged.problems)
  if (!/^(\/[\x21\x22\x24-\x7e]*)?$/.test(String(value('health_path') ?? '')))
    problems.push({
      field: 'health_path',
      reason: 'must be a path that begins with /, without spaces or fragment',
    })
  if (Number(value('max_pending') ?? 0) > 0 && Number(value('max_connections') ?? 0) === 0)
    problems.push({
      field: 'max_pending',
      reason: 'needs max_connections: nobody waits where nothing is bounded',
    })
  return problems
}
