import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'

/** Whose session a token is; undefined for every kind of "nobody". */
export type SubjectOfSession = (
  token: string,
) => Promise<{ readonly id: string; readonly role: string } | undefined>

/**
 * Authentication by the product's own records. It answers questions and counts no attempts: who lets people in by it has to slow
 * guessing down first.
 */
export function createBuiltinAuth(deps: {
  readonly records: Records
  readonly passwordHash: PasswordHash
  readonly subjectOfSession: SubjectOfSession
}): OpenProviderCode<ProviderActions<'auth'>> {
  return () => ({
    actions: {
      async verify_password({ email, password }) {
        const operator = await deps.records.getBy('operator', 'email', email)
        // The work is the same for nobody, so that time tells nothing.
        const matches = await deps.passwordHash.verify(operator?.password_hash ?? undefined, password)
        if (!matches || operator?.status !== 'active') return accept({ valid: false })
        return accept({ valid: true, subject_id: operator.id })
      },
      async hash_password({ password }) {
        return accept({ hash: await deps.passwordHash.hash(password) })
      },
      async verify_session({ token }) {
        const subject = await deps.subjectOfSession(token)
        if (subject === undefined) return accept({ valid: false })
        return accept({ valid: true, subject_id: subject.id, role: subject.role })
      },
    },
  })
}
