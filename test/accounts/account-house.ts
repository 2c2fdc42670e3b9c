import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse } from '#test/support/start-house.ts'

/** An answer as a client sees it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  readonly body: any
}

export type AccountHouse = Awaited<ReturnType<typeof startAccounts>>

/** What every test account signs in with. */
export const password = 'a long enough password'

const isOverHttps = process.env['APIGATE_TEST_TRANSPORT'] === 'https'
/** `APIGATE_TEST_TRANSPORT=https` lets everybody come over HTTPS, which the proxy ends. */
const transport: Record<string, string> = isOverHttps ? { 'x-forwarded-proto': 'https' } : {}

/** The cookie of a person's session, and what stands behind its content. */
export const sessionCookie = {
  name: isOverHttps ? '__Host-apigate_session' : 'apigate_session',
  otherName: isOverHttps ? 'apigate_session' : '__Host-apigate_session',
  ending: isOverHttps ? '; Secure' : '',
}

/** The name and content of the cookie that an answer sets. */
export const cookieOf = (answer: Pick<Answer, 'headers'>): string =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

/** A whole instance whose proxy says where requests come from, with the hands of strangers and of people. */
export async function startAccounts(parts: Parameters<typeof startHouse>[0] = {}) {
  const clock = frozenClock()
  const env = { APIGATE_TRUSTED_PROXIES: '127.0.0.1', ...parts.env }
  const house = await startHouse({ clock, ...parts, env })
  const { records } = house.running.house.engine
  let visitors = 0

  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(house.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...transport,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    }
    return answer
  }
  /** Headers of a client at an address where nobody was before. */
  const fresh = (): Record<string, string> => {
    visitors += 1
    return { 'x-forwarded-for': `10.${(visitors >> 16) & 255}.${(visitors >> 8) & 255}.${visitors & 255}` }
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const register = (email: string, more: object = {}) =>
    ask(
      'POST',
      '/api/v1/auth/register',
      { organization_name: `Organization of ${email}`, email, password, full_name: 'Ada', ...more },
      fresh(),
    )
  return {
    ...house,
    records,
    clock,
    ask,
    fresh,
    bearer,
    register,
    login: (email: string, secret = password, more: object = {}) =>
      ask('POST', '/api/v1/auth/login', { email, password: secret, ...more }, fresh()),
    me: (headers: Record<string, string>) => ask('GET', '/api/v1/auth/me', undefined, headers),
    /** The mails to an address so far, the newest last. */
    async mails(to: string) {
      await house.running.settle()
      const { items } = await records.list('logged_email', {
        where: [{ field: 'to', op: 'eq', value: to }],
        limit: 100,
      })
      return items
    },
    /** The token in the last mail to an address. */
    async mailedToken(to: string): Promise<string> {
      const texts = (await this.mails(to)).map(({ text }) => text)
      return texts.flatMap((text) => /token=([a-z]{3}_[0-9a-f]{64})/.exec(text)?.[1] ?? []).at(-1) ?? ''
    },
  }
}
