import { refuse, refuseFields } from '#contract/outcome.ts'
import type { OauthIdentityRow, SignInDomainRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { returnPath } from '#domain/access/return-path.ts'
import type { ControlHandler } from '../route-table.ts'
import { originOf } from './answers.ts'
import { readFields } from './fields.ts'
import { keep } from './oauth-handlers.ts'
import { forPerson } from './own-account-handlers.ts'
import { type AccountDependencies, refused } from './sign-in-handlers.ts'

const usualPath = '/portal'
const signIn = refuse('unauthorized', 'Sign in first')

/** Accounts elsewhere that people link to theirs, and domains that organizations prove, by their rule. */
export function linkedAccountHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  const { linked, elsewhere, proveDomain } = deps.accounts
  return {
    'DELETE /api/v1/auth/oauth/identities/:id': forPerson(async ({ parameters, requestId }, { userId }) => {
      const refusal = await linked.unlink(userId, parameters['id'] ?? '', requestId)
      return refusal === undefined ? dataAnswer({ unlinked: true }) : refusalAnswer(refusal, requestId)
    }),
    'GET /api/v1/auth/oauth/identities': forPerson(async (_, { userId }) =>
      dataAnswer((await linked.list(userId)).map(linkedData)),
    ),
    'POST /api/v1/auth/oauth/:provider/link': forPerson(async (asked, person) => {
      const { request, requestId, parameters } = asked
      const fields = await readFields(request, {
        password: { most: 1_000, isPassword: true, isOptional: true },
        return_to: { most: 1_000, isOptional: true },
      })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const target = returnPath(fields.value.return_to || usualPath)
      if (target === undefined)
        return refusalAnswer(
          refuseFields([{ field: 'return_to', reason: 'must be a path of this address' }]),
          requestId,
        )
      const confirmed = await linked.confirm(person, fields.value.password, originOf(deps, asked))
      if (!confirmed.ok) return refused(deps, asked, confirmed)
      const begun = await elsewhere.begin(parameters['provider'] ?? '', target, person)
      if (!begun.ok) return refusalAnswer(begun, requestId)
      return dataAnswer({ url: begun.value.url }, { headers: keep(deps, asked, begun.value.ticket) })
    }),
    'POST /api/v1/sign-in-domains/:id/prove': async ({ person, parameters, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const proven = await proveDomain(person.actor, parameters['id'] ?? '', requestId)
      return proven.ok ? dataAnswer(domainData(proven.value)) : refusalAnswer(proven, requestId)
    },
  }
}

const linkedData = (row: OauthIdentityRow) => ({
  id: row.id,
  provider: row.provider,
  issuer: row.issuer,
  email: row.email,
  linked_at: row.created_at,
  last_used_at: row.last_used_at,
})

const domainData = ({ id, domain, proven_at: provenAt }: SignInDomainRow) => ({
  id,
  domain,
  proven_at: provenAt,
})
