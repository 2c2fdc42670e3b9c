const methods = 'GET, POST, PUT, PATCH, DELETE'
const requestHeaders = 'authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id'
const shownHeaders = 'etag, location, retry-after, x-impersonated-by, x-request-id'

/** Pages of other origins that may use the control plane, with a token of their own and never with a cookie. */
export interface CrossOrigin {
  /** The answer to a browser's question beforehand; undefined where the origin is not on the list, or nothing is asked. */
  preflight(request: Request): Response | undefined
  /** Lets a page on the list read an answer. */
  allow(request: Request, response: Response): Response
}

/** Allows exactly the origins that are listed. */
export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  const listed = new Set(origins)
  const originOf = (request: Request): string | undefined => {
    const origin = request.headers.get('origin')
    return origin !== null && listed.has(origin) ? origin : undefined
  }
  return {
    preflight(request) {
      const isAsked = request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
      if (!isAsked || originOf(request) === undefined) return undefined
      return new Response(null, {
        status: 204,
        headers: {
          'access-control-allow-methods': methods,
          'access-control-allow-headers': requestHeaders,
          'access-control-max-age': '600',
        },
      })
    },
    allow(request, response) {
      if (listed.size === 0) return response
      response.headers.append('vary', 'Origin')
      const origin = originOf(request)
      if (origin === undefined) return response
      response.headers.set('access-control-allow-origin', origin)
      response.headers.set('access-control-expose-headers', shownHeaders)
      return response
    },
  }
}
