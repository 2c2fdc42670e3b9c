import type { Engine } from '#core/engine.ts'

/** What was typed is kept only where it looks like an address: people type passwords into the wrong field. */
export function keepFailedSignIn(
  { audit }: Pick<Engine, 'audit'>,
  action: 'sign_in' | 'account.sign_in',
  email: string,
  requestId: string,
): Promise<void> {
  const account = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim()) ? email.trim().toLowerCase() : undefined
  return audit.note({
    actor: { kind: 'anonymous', id: 'anonymous' },
    action,
    outcome: 'invalid_credentials',
    details: account === undefined ? {} : { email: account },
    requestId,
  })
}
