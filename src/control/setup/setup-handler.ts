import { systemActor } from '#contract/actor.ts'
import { Fault, type FieldProblem, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { Engine } from '#core/engine.ts'
import type { SetupToken } from '#core/runtime/setup-token.ts'
import type { ControlHandler } from '../route-table.ts'

/** What making the first operator needs. */
export interface SetupDependencies {
  readonly engine: Engine
  readonly setupToken: SetupToken
}

const mostCharacters = { token: 200, email: 320, password: 1_000, name: 200 } as const
const wrong = refuse(
  'invalid_token',
  'The setup token is unknown, used or expired: the server prints a new one when it starts without an operator',
)

/** `POST /admin/setup {token, email, password, name?}`: the first superadmin, once. */
export function setupHandler({ engine, setupToken }: SetupDependencies): ControlHandler {
  return async ({ request, requestId }) => {
    const body = await readBody(request)
    if (!body.ok) return refusalAnswer(body, requestId)
    const problems = problemsOf(body.value)
    if (problems.length > 0) return refusalAnswer(refuseFields(problems), requestId)
    const { token, email, password, name = '' } = body.value
    // Before the password is hashed, which takes much memory.
    if (!(await setupToken.isGood(String(token))) || (await hasOperator(engine)))
      return refusalAnswer(wrong, requestId)
    try {
      const made = await engine.invoke({
        actor: systemActor,
        requestId,
        module: 'operator',
        action: 'create',
        input: { email, password, name, role: 'superadmin' },
        onBehalfOf: { kind: 'setup', id: 'first-operator' },
        beforeCommit: async (transaction) => {
          if (!(await setupToken.use(transaction, String(token)))) throw used()
        },
      })
      if (!made.ok) return refusalAnswer(made, requestId)
      return dataAnswer({ operator: made.value.row }, { status: 201 })
    } catch (error) {
      if (error instanceof Fault && error.code === 'invalid_token') return refusalAnswer(wrong, requestId)
      throw error
    }
  }
}

const used = (): Fault => new Fault('invalid_token', 'the setup token was used by somebody else')

async function hasOperator({ records }: Engine): Promise<boolean> {
  return (await records.list('operator', { limit: 1 })).items.length > 0
}

function problemsOf(body: Readonly<Record<string, unknown>>): FieldProblem[] {
  const problems: FieldProblem[] = Object.keys(body)
    .filter((name) => !Object.hasOwn(mostCharacters, name))
    .map((field) => ({ field, reason: 'is not a known field' }))
  for (const [field, most] of Object.entries(mostCharacters)) {
    const value = body[field]
    if (value === undefined && field === 'name') continue
    if (typeof value !== 'string' || (value === '' && field !== 'name'))
      problems.push({ field, reason: field === 'name' ? 'must be a text' : 'is required' })
    else if (value.length > most) problems.push({ field, reason: 'is too long' })
  }
  return problems
}
