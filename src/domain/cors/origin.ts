/** Which origins may read answers: the text as browsers send it. */
export type OriginRule = (origin: string) => boolean

// A browser writes host names in lower case, and a port only where it is not the scheme's own.
const shape =
  /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/
const ownPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Compiles an origin as an operator writes it: `https://app.example.com`, `https://*.example.com`, `null` or `*`; or the reason why not. */
export function compileOrigin(
  text: string,
): { readonly ok: true; readonly admits: OriginRule } | { readonly ok: false; readonly reason: string } {
  if (text === '*') return { ok: true, admits: () => true }
  if (text === 'null') return { ok: true, admits: (origin) => origin === 'null' }
  const origin = text.toLowerCase()
  const [, scheme = '', wildcard, host = '', port] = shape.exec(origin) ?? []
  if (scheme === '' || (wildcard !== undefined && host.startsWith('[')))
    return {
      ok: false,
      reason:
        'must be an origin without path, such as https://app.example.com, https://*.example.com, null or *',
    }
  if (port !== undefined && ownPorts[scheme] === port)
    return { ok: false, reason: `must leave out :${port}, which browsers do not send with ${scheme}` }
  if (wildcard === undefined) return { ok: true, admits: (given) => given === origin }
  const start = `${scheme}://`
  const end = `.${host}${port === undefined ? '' : `:${port}`}`
  return { ok: true, admits: (given) => isBelow(given, start, end) }
}

/** True for one or more labels between the scheme and the rest. */
function isBelow(origin: string, start: string, end: string): boolean {
  if (!origin.startsWith(start) || !origin.endsWith(end) || origin.length <= start.length + end.length)
    return false
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(origin.slice(start.length, origin.length - end.length))
}
