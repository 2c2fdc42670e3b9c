import { type Browser, openBrowser } from '#test/support/cookie-browser.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import {
  type OpenIdProvider,
  type ProviderAccount,
  startOpenIdProvider,
} from '#test/support/open-id-provider.ts'
import { startAccounts } from './account-house.ts'

export type OauthHouse = Awaited<ReturnType<typeof startOauthHouse>>

/** An instance whose clock begins now, as providers do not know ours, and a real OpenID provider that it may reach. */
export async function startOauthHouse(parts: Parameters<typeof startAccounts>[0] = {}) {
  const provider: OpenIdProvider = await startOpenIdProvider()
  const clock = frozenClock(new Date().toISOString())
  const house = await startAccounts({
    ...parts,
    clock,
    env: {
      OAUTH_OIDC_ENABLED: 'true',
      OAUTH_OIDC_CLIENT_ID: provider.clientId,
      OAUTH_OIDC_CLIENT_SECRET: provider.clientSecret,
      ...parts.env,
    },
  })
  const set = async (key: string, value: string): Promise<void> =>
    void (await house.create('settings', { key, value }))
  await set('portal.base_url', house.url)
  await set('oauth.oidc.issuer', provider.issuer)
  await set('oauth.oidc.allow_private', 'true')
  const startOf = (slug: string, returnTo = '/portal/keys') =>
    `${house.url}/api/v1/auth/oauth/${slug}/start?return_to=${encodeURIComponent(returnTo)}`
  const callbackOf = (slug: string) => `${house.url}/api/v1/auth/oauth/${slug}/callback`
  provider.open([callbackOf('oidc')])
  return {
    ...house,
    clock,
    provider,
    set,
    startOf,
    callbackOf,
    /** Goes to the provider as somebody and stops at the address that leads back. */
    async depart(account: ProviderAccount, browser: Browser = openBrowser(), slug = 'oidc') {
      provider.be(account)
      const { url } = await browser.follow(startOf(slug), callbackOf(slug))
      return { browser, url }
    },
    /** Signs somebody in, all the way. */
    async signIn(account: ProviderAccount, browser: Browser = openBrowser(), slug = 'oidc') {
      const { url } = await this.depart(account, browser, slug)
      const response = await browser.ask(url)
      const text = await response.text()
      const body = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined
      return { browser, response, status: response.status, body, text }
    },
    /** Who a browser is signed in as; undefined for nobody. */
    async who(browser: Browser) {
      const response = await browser.ask(`${house.url}/api/v1/auth/me`)
      // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
      const body: any = await response.json()
      return response.status === 200 ? body.data : undefined
    },
    async close() {
      await house.close()
      await provider.close()
    },
  }
}
