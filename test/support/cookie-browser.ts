/** A browser without a screen: it keeps cookies by origin and goes where it is led. */
export interface Browser {
  /** One request; redirects are not followed. */
  ask(url: string, init?: RequestInit): Promise<Response>
  /** Goes on from redirect to redirect until an address that begins with `until`, or an answer that is no redirect. */
  follow(url: string, until?: string): Promise<{ url: string; response: Response | undefined }>
  /** The cookies of an origin, by name. */
  cookies(origin: string): Map<string, string>
}

const mostSteps = 20

/** Opens a browser that knows nobody. */
export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>()
  const cookies = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = cookies(new URL(url).origin)
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(pair.indexOf('=') + 1)
      const isGone =
        value === '' || attributes.some((one) => /^max-age=0$|^expires=thu, 01 jan 1970/i.test(one))
      if (isGone) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  return {
    ask,
    cookies,
    async follow(start, until) {
      let url = start
      for (let step = 0; step < mostSteps; step += 1) {
        if (until !== undefined && url.startsWith(until)) return { url, response: undefined }
        const response = await ask(url)
        const location = response.headers.get('location')
        if (location === null) return { url, response }
        url = new URL(location, url).href
      }
      throw new Error(`led in a circle from ${start}`)
    },
  }
}
