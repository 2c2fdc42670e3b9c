import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '#test/support/cookie-browser.ts'
import { type GithubDouble, startGithubDouble } from '#test/support/github-double.ts'
import { type OpenIdProvider, startOpenIdProvider } from '#test/support/open-id-provider.ts'
import { type OauthHouse, startOauthHouse } from './oauth-house.ts'

let house: OauthHouse
let github: GithubDouble
let acme: OpenIdProvider
const proofs = new Map<string, readonly string[]>()
beforeAll(async () => {
  github = await startGithubDouble('gh client', 'gh secret')
  acme = await startOpenIdProvider()
  house = await startOauthHouse({
    readTxt: async (name) => proofs.get(name) ?? [],
    env: {
      OAUTH_GITHUB_ENABLED: 'true',
      OAUTH_GITHUB_CLIENT_ID: 'gh client',
      OAUTH_GITHUB_CLIENT_SECRET: 'gh secret',
      OAUTH_GOOGLE_ENABLED: 'false',
      OAUTH_GOOGLE_CLIENT_ID: 'x',
      OAUTH_GOOGLE_CLIENT_SECRET: 'x',
    },
  })
  await house.set('oauth.github.base_url', github.url)
  await house.set('oauth.github.api_url', github.url)
  await house.set('oauth.github.allow_private', 'true')
  await house.set('oauth.organizations_allow_private', 'true')
})
afterAll(async () => {
  await house.close()
  await github.close()
  await acme.close()
})

const travel = async (slug: string, browser = openBrowser()) => {
  const { url } = await browser.follow(house.startOf(slug), house.callbackOf(slug))
  const response = await browser.ask(url)
  const text = await response.text()
  return { status: response.status, browser, text, url }
}
const primary = (email: string, verified = true) => ({ email, primary: true, verified })

describe('GitHub', () => {
  test('tells who somebody is by the id and the verified primary address; the name of the account may change hands', async () => {
    github.be({ id: 7, login: 'ada', name: null }, [
      { email: 'second@example.com', primary: false, verified: true },
      primary('Hub@Example.com'),
    ])
    const { status, browser } = await travel('github')
    expect(status).toBe(303)
    const mine = await house.who(browser)
    expect(mine.user).toMatchObject({ email: 'hub@example.com', full_name: 'ada' })
    github.be({ id: 8, login: 'ada' }, [primary('successor@example.com')])
    expect((await house.who((await travel('github')).browser)).user.id).not.toBe(mine.user.id)
    github.be({ id: 7, login: 'ada-again' }, [primary('hub2@example.com')])
    expect((await house.who((await travel('github')).browser)).user.id).toBe(mine.user.id)
  })

  test('opens nothing for an address that it has not verified, for no address, and for no id', async () => {
    for (const [user, emails, status] of [
      [{ id: 9 }, [primary('unverified@example.com', false)], 401],
      [{ id: 9 }, [{ email: 'second@example.com', primary: false, verified: true }], 401],
      [{ id: 9 }, [], 401],
      [{ id: 'nine' }, [primary('nine@example.com')], 503],
      [{ login: 'ada' }, [primary('nobody@example.com')], 503],
    ] as const) {
      github.be(user, emails)
      const answer = await travel('github')
      expect([emails, answer.status]).toEqual([emails, status])
      expect(await house.who(answer.browser)).toBeUndefined()
    }
  })

  test('a code counts once, and credentials that it does not take are told to the operator', async () => {
    github.be({ id: 10 }, [primary('once@example.com')])
    const browser = openBrowser()
    const { url } = await browser.follow(house.startOf('github'), house.callbackOf('github'))
    const thief = openBrowser()
    thief.cookies(house.url).set('apigate_oauth', browser.cookies(house.url).get('apigate_oauth') ?? '')
    expect((await browser.ask(url)).status).toBe(303)
    expect((await thief.ask(url)).status).toBe(401)
    const testIt = async () =>
      (await house.api('POST', '/admin/providers/test', { name: 'oauth_github' })).body.data[0]
    expect(await testIt()).toMatchObject({ status: 'connected' })
    await house.set('oauth.github.client_id', 'wrong')
    const { body } = await house.api('GET', '/api/settings?key=oauth.github.client_id')
    const told = await testIt()
    expect(told.status).toBe('unavailable')
    expect(told.error).toContain('incorrect_client_credentials')
    await house.api('DELETE', `/api/settings/${body.data[0].id}`)
  })
})

test('what is switched off is not offered', async () => {
  const { providers } = (await house.ask('GET', '/api/v1/auth/oauth')).body.data
  expect(providers.map(({ provider }: { provider: string }) => provider).sort()).toEqual(['github', 'oidc'])
})

test('a provider of the kind of Cognito, which writes truth as a word, and a local one are records like any other', async () => {
  const cognito = await startOpenIdProvider()
  const made = { issuer: cognito.issuer, client_id: cognito.clientId, client_secret: cognito.clientSecret }
  await house.create('oauth_oidc_clients', { name: 'oidc', ...made, issuer: house.provider.issuer })
  await house.create('oauth_oidc_clients', { name: 'cognito', ...made })
  cognito.open([house.callbackOf('cognito')])
  cognito.be({ sub: 'c1', email: 'pool@example.com', email_verified: 'true' })
  const { status, browser } = await travel('cognito')
  expect(status).toBe(303)
  expect((await house.who(browser)).user.email).toBe('pool@example.com')
  const [link] = (
    await house.records.list('oauth_identity', { where: [{ field: 'subject', op: 'eq', value: 'c1' }] })
  ).items
  expect(link).toMatchObject({ provider: 'oidc/cognito', issuer: cognito.issuer })
  await cognito.close()
})

describe("an organization's own provider", () => {
  let owner: Record<string, string>
  let domain: { id: string; proof: string }
  let organizationId: string
  beforeAll(async () => {
    const answer = await house.register('boss@acme.example')
    owner = house.bearer(answer.body.data.token)
    organizationId = answer.body.data.organization.id
    const made = await house.ask(
      'POST',
      '/api/sign_in_domains',
      {
        domain: 'acme.example',
        issuer: acme.issuer,
        client_id: acme.clientId,
        client_secret: acme.clientSecret,
      },
      owner,
    )
    expect(made.status, made.text).toBe(201)
    expect(made.text).not.toContain(acme.clientSecret)
    domain = made.body.data
    acme.open([house.callbackOf(domain.id)])
  })
  const offered = async (email: string) =>
    (
      await house.ask('GET', `/api/v1/auth/oauth?email=${encodeURIComponent(email)}`)
    ).body.data.providers.filter((one: { is_of_organization: boolean }) => one.is_of_organization)
  const prove = (headers = owner) =>
    house.ask('POST', `/api/v1/sign-in-domains/${domain.id}/prove`, undefined, headers)

  test('lets nobody in before its domain is proven, by the DNS and by its owner', async () => {
    expect(await offered('ada@acme.example')).toEqual([])
    expect((await house.ask('GET', `/api/v1/auth/oauth/${domain.id}/start`)).status).toBe(404)
    const missing = await prove()
    expect(missing.body.error).toMatchObject({
      type: 'conflict',
      details: { name: '_apigate.acme.example', value: domain.proof },
    })
    proofs.set('_apigate.acme.example', ['v=spf1', `${domain.proof}0`])
    expect((await prove()).status).toBe(409)
    proofs.set('_apigate.acme.example', ['v=spf1', domain.proof])
    const stranger = await house.register('stranger@other.example')
    expect((await prove(house.bearer(stranger.body.data.token))).status).toBe(404)
    expect((await prove()).status).toBe(200)
    expect(await offered('Ada@ACME.example')).toMatchObject([{ provider: domain.id, label: 'acme.example' }])
    expect(await offered('ada@sub.acme.example')).toEqual([])
  })

  test('brings who signs in through it into the organization under the default role, once', async () => {
    acme.be({ sub: 'a1', email: 'Ada@acme.example', email_verified: true, name: 'Ada' })
    const { status, browser } = await travel(domain.id)
    expect(status).toBe(303)
    const mine = await house.who(browser)
    expect(mine.organization.id).toBe(organizationId)
    expect(mine.user.role).toBe('member')
    const out = await house.ask('DELETE', `/api/v1/team/members/${mine.user.id}`, undefined, owner)
    expect(out.status).toBe(200)
    const again = await house.who((await travel(domain.id)).browser)
    expect(again.user.id).toBe(mine.user.id)
    expect(again.organization.id).not.toBe(organizationId)
  })

  test('speaks for the addresses of its domain alone, also for somebody whom it has let in before', async () => {
    for (const email of ['victim@example.com', 'boss@acme.example.evil.example', 'x@sub.acme.example']) {
      acme.be({ sub: `of ${email}`, email, email_verified: true })
      expect([email, (await travel(domain.id)).status]).toEqual([email, 401])
    }
    acme.be({ sub: 'a2', email: 'bob@acme.example', email_verified: false })
    expect((await travel(domain.id)).status).toBe(401)
    acme.be({ sub: 'a1', email: 'victim@example.com', email_verified: true })
    expect((await travel(domain.id)).status).toBe(401)
  })

  test('cannot claim a domain that another organization has proven, not even with the approval of an operator', async () => {
    const rival = house.bearer((await house.register('rival@example.com')).body.data.token)
    const claim = { domain: 'acme.example', issuer: 'https://evil.example', client_id: 'x' }
    const made = (await house.ask('POST', '/api/sign_in_domains', claim, rival)).body.data
    proofs.set('_apigate.acme.example', [domain.proof, made.proof])
    const path = `/api/v1/sign-in-domains/${made.id}/prove`
    expect((await house.ask('POST', path, undefined, rival)).status).toBe(409)
    expect((await house.api('POST', `/api/sign_in_domains/${made.id}/approve`, {})).status).toBe(409)
    const free = (
      await house.ask('POST', '/api/sign_in_domains', { ...claim, domain: 'free.example' }, rival)
    ).body.data
    expect((await house.ask('POST', `/api/sign_in_domains/${free.id}/approve`, {}, rival)).status).toBe(403)
    expect((await house.api('POST', `/api/sign_in_domains/${free.id}/approve`, {})).status).toBe(200)
  })

  test('is the business of its owner alone, and ends with the organization', async () => {
    acme.be({ sub: 'a3', email: 'carl@acme.example', email_verified: true })
    const { browser } = await travel(domain.id)
    const member = {
      cookie: `apigate_session=${browser.cookies(house.url).get('apigate_session')}`,
      origin: house.url,
    }
    expect((await house.ask('GET', '/api/sign_in_domains', undefined, member)).status).toBe(403)
    expect(
      (
        await house.ask(
          'PATCH',
          `/api/sign_in_domains/${domain.id}`,
          { issuer: 'https://evil.example' },
          member,
        )
      ).status,
    ).toBeGreaterThan(402)
    const moved = await house.ask(
      'PATCH',
      `/api/sign_in_domains/${domain.id}`,
      { domain: 'google.com' },
      owner,
    )
    expect(moved.status).toBe(400)
    await house.api('POST', `/api/organizations/${organizationId}/suspend`, {})
    expect((await house.ask('GET', `/api/v1/auth/oauth/${domain.id}/start`)).status).toBe(404)
    await house.api('POST', `/api/organizations/${organizationId}/activate`, {})
  })
})
