import * as openid from 'openid-client'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type {
  Identity,
  IdentityClient,
  IdentityRequest,
  OpenIdClient,
  OpenIdConfiguration,
} from '#ports/identity-client.ts'
import type { Log } from '#ports/log.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'
import { identityFetch, identityTimeoutMs } from './identity-fetch.ts'
import { identityProblem } from './identity-problem.ts'

/** What a provider says about itself is asked for again after this time. */
const knownForMs = 60 * 60_000
const toleranceSeconds = 30

/**
 * Clients of OpenID providers: discovery, PKCE, state, nonce, and an ID token whose signature, algorithm, issuer, audience and times are
 * verified also where it came over TLS.
 */
export function createOpenIdClient(deps: {
  readonly http: OutboundHttp
  readonly clock: Clock
  readonly log: Log
}): OpenIdClient {
  return (configuration) => {
    let known: { readonly config: openid.Configuration; readonly at: number } | undefined
    const current = async (): Promise<openid.Configuration> => {
      const now = deps.clock.now()
      if (known === undefined || now - known.at >= knownForMs)
        known = { config: await discover(deps, configuration), at: now }
      return known.config
    }
    return {
      async authorize(request) {
        try {
          return accept(await authorizationUrl(await current(), configuration, request))
        } catch (error) {
          throw unreachable(error)
        }
      },
      async identify(callback, request) {
        const config = await current().catch((error: unknown) => {
          throw unreachable(error)
        })
        try {
          return await identify(config, callback, request)
        } catch (error) {
          return identityProblem(error, deps.log)
        }
      },
      test: async () => testCredentials(await current().catch(rethrow)),
    } satisfies IdentityClient
  }
}

const rethrow = (error: unknown): never => {
  throw unreachable(error)
}

/** A discovery that failed, in words for the operator. */
function unreachable(error: unknown): Fault {
  let cause = error
  for (let depth = 0; depth < 5 && !(cause instanceof Fault) && cause instanceof Error; depth++)
    cause = cause.cause ?? undefined
  if (cause instanceof Fault) return cause
  const reason = error instanceof Error ? error.message : 'unknown'
  return new Fault('service_unavailable', `the OpenID provider cannot be used: ${reason}`, { cause: error })
}

async function discover(
  { http }: { readonly http: OutboundHttp },
  { issuer, clientId, clientSecret, allowsPrivate }: OpenIdConfiguration,
): Promise<openid.Configuration> {
  const fetch = identityFetch(http, allowsPrivate)
  const extensions = allowsPrivate ? [openid.allowInsecureRequests] : []
  const found = await openid.discovery(new URL(issuer), clientId, undefined, openid.None(), {
    [openid.customFetch]: fetch,
    timeout: identityTimeoutMs / 1000,
    execute: extensions,
  })
  const server = found.serverMetadata()
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const authentication =
    clientSecret === undefined
      ? openid.None()
      : methods.includes('client_secret_post')
        ? openid.ClientSecretPost(clientSecret)
        : openid.ClientSecretBasic(clientSecret)
  const config = new openid.Configuration(
    server,
    clientId,
    { [openid.clockTolerance]: toleranceSeconds },
    authentication,
  )
  config[openid.customFetch] = fetch
  config.timeout = identityTimeoutMs / 1000
  for (const extend of extensions) extend(config)
  openid.enableNonRepudiationChecks(config)
  return config
}

async function authorizationUrl(
  config: openid.Configuration,
  { scopes }: OpenIdConfiguration,
  { redirectUri, state, nonce, codeVerifier }: IdentityRequest,
): Promise<string> {
  const url = openid.buildAuthorizationUrl(config, {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes,
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  return url.href
}

async function identify(
  config: openid.Configuration,
  callback: string,
  { state, nonce, codeVerifier }: IdentityRequest,
): Promise<Outcome<Identity>> {
  const tokens = await openid.authorizationCodeGrant(config, new URL(callback), {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (claims === undefined) throw new Fault('internal_error', 'an ID token that was verified is not there')
  const isWhole = claims['email'] !== undefined && claims['email_verified'] !== undefined
  const told =
    isWhole || config.serverMetadata().userinfo_endpoint === undefined
      ? claims
      : { ...(await openid.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims }
  if (claims.sub === '' || claims.sub.length > 255)
    return refuse('sign_in_failed', 'The identity provider does not say who you are')
  const { email, email_verified: isVerified, name } = told as Readonly<Record<string, unknown>>
  return accept({
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof email === 'string' && email.length <= 320 ? email : undefined,
    // Some providers write it as a word.
    isEmailVerified: isVerified === true || isVerified === 'true',
    name: typeof name === 'string' ? name : '',
  })
}

/** A code that nobody was given: whoever takes our credentials says that it is the code that is wrong. */
async function testCredentials(config: openid.Configuration): Promise<Outcome<undefined>> {
  const parameters = { code: 'connection-test', redirect_uri: 'https://localhost/connection-test' }
  try {
    await openid.genericGrantRequest(config, 'authorization_code', parameters)
  } catch (error) {
    const problem = error instanceof openid.ResponseBodyError ? error.error : undefined
    if (problem === 'invalid_client' || problem === 'unauthorized_client')
      return refuse('service_unavailable', `The provider does not take the credentials (${problem})`)
    if (problem === undefined) throw unreachable(error)
  }
  return accept(undefined)
}
