import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const ownedByHop =
  /^(host|connection|content-length|transfer-encoding|te|upgrade|trailer|expect|keep-alive)$/i

/** before upstream.create and .update: an address that can be called and credentials that can be sent. */
export const checkUpstream: Behaviour = ({ input, before }) => {
  const value = (field: string): unknown => (input[field] === undefined ? before?.[field] : input[field])
  const problems: FieldProblem[] = []
  const addressProblem = baseUrlProblem(String(value('base_url')))
  if (addressProblem !== undefined) problems.push({ field: 'base_url', reason: addressProblem })

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

function baseUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL, for example https://api.example.com/v1'
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not hold credentials; use auth_type'
  if (url.search !== '' || url.hash !== '') return 'must not hold a query or fragment'
  return undefined
}
