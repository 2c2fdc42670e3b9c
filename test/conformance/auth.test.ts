import { systemActor } from '#contract/actor.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { authConformance } from './auth.ts'

authConformance('builtin', async () => {
  const opened = await providerHouse()
  const { house, create } = opened
  const account = { email: 'ada@example.com', password: 'correct horse', role: 'support' }
  const { id } = (await create('operator', account)) as { id: string }
  const asked = { actor: systemActor, requestId: 'req_test' }
  const change = async (module: string, action: string, of: string, input = {}) => {
    const outcome = await house.engine.invoke({ module, action, id: of, input, ...asked })
    if (!outcome.ok) throw new Error(outcome.message)
  }
  return {
    capabilities: house.providers.capabilities,
    account: { id, ...account },
    async session() {
      const token = `ses_${house.ids.randomHex(32)}`
      const made = (await create('session', {
        operator_id: id,
        hash: house.tokenDigest.digest(token),
        expires_at: new Date(opened.clock.now() + 60_000).toISOString(),
      })) as { id: string }
      return { token, end: () => change('session', 'revoke', made.id) }
    },
    suspend: () => change('operator', 'update', id, { status: 'suspended' }),
  }
})
