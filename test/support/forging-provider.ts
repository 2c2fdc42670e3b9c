import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** What a provider says in an ID token, and how it signs it. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  /** The token itself, instead of one that is signed with the published key. */
  readonly token?: (honest: Readonly<Record<string, unknown>>) => Promise<string> | string
  /** What the callback gets besides code and state. */
  readonly callback?: Readonly<Record<string, string>>
}

/** A provider that says whatever a test wants: honest unless told otherwise. */
export interface ForgingProvider {
  readonly issuer: string
  /** The bodies that its token endpoint was sent. */
  readonly asked: URLSearchParams[]
  forge(forgery: Forgery): void
  close(): Promise<void>
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token without a signature. */
export const unsigned = (claims: object, algorithm = 'none'): string =>
  `${base64({ alg: algorithm })}.${base64(claims)}.`

/** Starts one. */
export async function startForgingProvider(clientId = 'apigate'): Promise<ForgingProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const key = { ...(await exportJWK(publicKey)), kid: 'honest', alg: 'RS256', use: 'sig' }
  const asked: URLSearchParams[] = []
  const codes = new Map<string, URLSearchParams>()
  let forgery: Forgery = {}
  let issuer = ''
  const json = (response: ServerResponse, body: unknown, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

  const authorize = (url: URL, response: ServerResponse): void => {
    const code = createHash('sha256').update(url.search).digest('hex')
    codes.set(code, url.searchParams)
    const back = new URL(url.searchParams.get('redirect_uri') ?? '')
    const answer = { code, state: url.searchParams.get('state') ?? '', iss: issuer, ...forgery.callback }
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
    response.writeHead(302, { location: back.href }).end()
  }
  const token = async (body: URLSearchParams, response: ServerResponse): Promise<void> => {
    asked.push(body)
    const request = codes.get(body.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (request?.get('code_challenge') !== challenge) return json(response, { error: 'invalid_grant' }, 400)
    const now = Math.floor(Date.now() / 1000)
    const honest = {
      iss: issuer,
      aud: clientId,
      sub: 'forged subject',
      iat: now,
      exp: now + 600,
      nonce: request.get('nonce'),
      email: 'victim@example.com',
      email_verified: true,
    }
    const claims = { ...honest, ...forgery.claims }
    const signed = () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'honest', ...forgery.header })
        .sign(privateKey)
    const idToken = await (forgery.token?.(claims) ?? signed())
    json(response, { access_token: 'x', token_type: 'Bearer', expires_in: 600, id_token: idToken })
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/authorize') return authorize(url, response)
    if (url.pathname === '/jwks') return json(response, { keys: [key] })
    if (url.pathname !== '/token')
      return json(response, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        authorization_response_iss_parameter_supported: true,
      })
    let text = ''
    for await (const part of request) text += String(part)
    return token(new URLSearchParams(text), response)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    asked,
    forge(next) {
      forgery = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
