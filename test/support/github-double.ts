import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The part of GitHub that signing in uses; there is no other to run on a machine. */
export interface GithubDouble {
  readonly url: string
  /** Who is signed in there, and which addresses they have. */
  be(user: object, emails: readonly object[]): void
  close(): Promise<void>
}

/** Starts one: codes are good once, PKCE is checked, wrong credentials are answered like there, with 200. */
export async function startGithubDouble(clientId: string, clientSecret: string): Promise<GithubDouble> {
  let now: { user: object; emails: readonly object[] } = { user: {}, emails: [] }
  const codes = new Map<string, string>()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://github.invalid')
    const json = (body: unknown, status = 200) =>
      response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify(body))
    let text = ''
    for await (const part of request) text += String(part)
    if (url.pathname === '/login/oauth/authorize') {
      const code = createHash('sha256').update(url.search).digest('hex').slice(0, 20)
      codes.set(code, url.searchParams.get('code_challenge') ?? '')
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      return response.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname === '/login/oauth/access_token') {
      const body = new URLSearchParams(text)
      if (body.get('client_id') !== clientId || body.get('client_secret') !== clientSecret)
        return json({ error: 'incorrect_client_credentials' })
      const challenge = codes.get(body.get('code') ?? '')
      codes.delete(body.get('code') ?? '')
      const own = createHash('sha256')
        .update(body.get('code_verifier') ?? '')
        .digest('base64url')
      if (challenge !== own) return json({ error: 'bad_verification_code' })
      return json({ access_token: 'gho_token', scope: 'read:user,user:email', token_type: 'bearer' })
    }
    if (request.headers.authorization?.toLowerCase() !== 'bearer gho_token')
      return json({ message: 'Bad credentials' }, 401)
    if (url.pathname === '/user') return json(now.user)
    return url.pathname === '/user/emails' ? json(now.emails) : json({ message: 'Not Found' }, 404)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    be(user, emails) {
      now = { user, emails }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
