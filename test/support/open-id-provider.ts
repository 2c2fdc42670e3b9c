import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** Somebody at the provider. */
export interface ProviderAccount {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean | string
  readonly name?: string
}

/** A real OpenID provider on this machine, at which everybody is signed in as the account that `be` names. */
export interface OpenIdProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  be(account: ProviderAccount): void
  /** Tells the provider where its client lives, before the first sign-in. */
  open(redirectUris: readonly string[]): void
  close(): Promise<void>
}

/** Starts one; everything that it asks of a person is answered at once. */
export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const accounts = new Map<string, ProviderAccount>()
  let current = ''
  let provider: Provider | undefined
  const server = createServer((request, response) => {
    if (provider === undefined) return void response.writeHead(503).end()
    const work = request.url?.startsWith('/interaction/')
      ? answerInteraction(provider, current, request, response)
      : provider.callback()(request, response)
    work.catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [clientId, clientSecret] = ['apigate', 'a secret of the client']
  return {
    issuer,
    clientId,
    clientSecret,
    be(account) {
      accounts.set(account.sub, account)
      current = account.sub
    },
    open(redirectUris) {
      provider = new Provider(issuer, {
        clients: [
          {
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uris: redirectUris,
            token_endpoint_auth_method: 'client_secret_post',
          },
        ],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        cookies: { keys: ['a key for the tests'] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
        pkce: { required: () => true },
        ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
        findAccount: (_: unknown, sub: string) => ({
          accountId: sub,
          claims: () => ({ ...(accounts.get(sub) ?? { sub }) }),
        }),
      })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answerInteraction(
  provider: Provider,
  accountId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login')
    return provider.interactionFinished(
      request,
      response,
      { login: { accountId } },
      { mergeWithLastSubmission: false },
    )
  const grant = new provider.Grant({
    accountId: session?.accountId ?? accountId,
    clientId: params.client_id,
  })
  grant.addOIDCScope('openid email profile')
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true })
}
