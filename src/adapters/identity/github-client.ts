import * as openid from 'openid-client'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Identity, IdentityClient, IdentityRequest } from '#ports/identity-client.ts'
import type { Log } from '#ports/log.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'
import { identityFetch, identityTimeoutMs } from './identity-fetch.ts'
import { identityProblem } from './identity-problem.ts'

/** What GitHub, or a GitHub Enterprise, is reached by. */
export interface GithubConfiguration {
  readonly clientId: string
  readonly clientSecret: string
  /** Of the pages: https://github.com. */
  readonly baseUrl: string
  /** Of the API: https://api.github.com. */
  readonly apiUrl: string
  readonly allowsPrivate: boolean
}

type Json = Readonly<Record<string, unknown>>

/** A client of GitHub, which speaks OAuth 2 with PKCE and tells who somebody is through its API. */
export function createGithubClient(
  deps: { readonly http: OutboundHttp; readonly log: Log },
  configuration: GithubConfiguration,
): IdentityClient {
  const config = configurationOf(deps.http, configuration)
  return {
    async authorize({ redirectUri, state, codeVerifier }) {
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'read:user user:email',
        state,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
      return accept(url.href)
    },
    async identify(callback, request) {
      try {
        return accept(await identify(config, configuration, callback, request))
      } catch (error) {
        return identityProblem(error, deps.log)
      }
    },
    async test() {
      const body = new URLSearchParams({
        client_id: configuration.clientId,
        client_secret: configuration.clientSecret,
        code: 'connection-test',
      })
      const url = `${configuration.baseUrl}/login/oauth/access_token`
      const answer = await identityFetch(deps.http, configuration.allowsPrivate)(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body,
      } as Parameters<openid.CustomFetch>[1])
      const { error } = (await answer.json().catch(() => ({}))) as Json
      return testResult(error)
    },
  }
}

/** Of credentials that are right it says that the code is wrong. */
function testResult(error: unknown): Outcome<undefined> {
  if (error === 'bad_verification_code') return accept(undefined)
  const reason = typeof error === 'string' ? error : 'an answer of another kind'
  return refuse('service_unavailable', `GitHub does not take the credentials (${reason})`)
}

function configurationOf(
  http: OutboundHttp,
  { clientId, clientSecret, baseUrl, allowsPrivate }: GithubConfiguration,
): openid.Configuration {
  const server = {
    issuer: baseUrl,
    authorization_endpoint: `${baseUrl}/login/oauth/authorize`,
    token_endpoint: `${baseUrl}/login/oauth/access_token`,
  }
  const config = new openid.Configuration(server, clientId, {}, openid.ClientSecretPost(clientSecret))
  config[openid.customFetch] = identityFetch(http, allowsPrivate)
  config.timeout = identityTimeoutMs / 1000
  if (allowsPrivate) openid.allowInsecureRequests(config)
  return config
}

async function identify(
  config: openid.Configuration,
  { baseUrl, apiUrl }: GithubConfiguration,
  callback: string,
  { state, codeVerifier }: IdentityRequest,
): Promise<Identity> {
  const url = new URL(callback)
  // It is known by its own callback address; an issuer that it may name besides is none that it has published.
  url.searchParams.delete('iss')
  const checks = { expectedState: state, pkceCodeVerifier: codeVerifier }
  const { access_token: token } = await openid.authorizationCodeGrant(config, url, checks)
  const read = async (path: string): Promise<unknown> => {
    const headers = new Headers({ accept: 'application/vnd.github+json' })
    const answer = await openid.fetchProtectedResource(
      config,
      token,
      new URL(apiUrl + path),
      'GET',
      undefined,
      headers,
    )
    if (answer.status !== 200)
      throw new Fault('service_unavailable', `GitHub answered ${answer.status} to ${path}`)
    return answer.json()
  }
  const user = (await read('/user')) as Json | null
  const id = user?.['id']
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0)
    throw new Fault('service_unavailable', 'GitHub answered without the id of a user')
  const listed = await read('/user/emails')
  const emails = Array.isArray(listed) ? (listed as Json[]) : []
  const primary = emails.find((email) => email['primary'] === true)
  const address = primary?.['email']
  return {
    issuer: baseUrl,
    subject: String(id),
    email: typeof address === 'string' ? address : undefined,
    isEmailVerified: primary?.['verified'] === true,
    name:
      ([user?.['name'], user?.['login']].find((name) => typeof name === 'string' && name !== '') as string) ??
      '',
  }
}
