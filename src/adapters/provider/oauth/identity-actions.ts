import { accept } from '#contract/outcome.ts'
import type { OpenProvider, ProviderActions } from '#ports/capability/provider.ts'
import type { IdentityClient } from '#ports/identity-client.ts'

/** The capability `oauth` over a client of an identity provider. */
export function identityActions(client: IdentityClient): OpenProvider<ProviderActions<'oauth'>> {
  return {
    actions: {
      async authorize(input) {
        const outcome = await client.authorize(requestOf(input))
        return outcome.ok ? accept({ url: outcome.value }) : outcome
      },
      async identify({ callback, ...input }) {
        const outcome = await client.identify(callback, requestOf(input))
        if (!outcome.ok) return outcome
        const { issuer, subject, email, isEmailVerified, name } = outcome.value
        const known = { issuer, subject, email_verified: isEmailVerified, name: name.slice(0, 200) }
        return accept(email === undefined ? known : { ...known, email })
      },
    },
    test: () => client.test(),
  }
}

const requestOf = (input: {
  readonly redirect_uri: string
  readonly state: string
  readonly nonce: string
  readonly code_verifier: string
}) => ({
  redirectUri: input.redirect_uri,
  state: input.state,
  nonce: input.nonce,
  codeVerifier: input.code_verifier,
})
