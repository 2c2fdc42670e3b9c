/** The fields by which a client asks only for what it does not have. */
export interface Conditions {
  readonly ifNoneMatch: string | undefined
  readonly ifModifiedSince: string | undefined
}

/** The fields by which a kept answer is known again. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

const tags = /(?:W\/)?"([^"]*)"/g

/** True when the client has the answer already (RFC 9110 section 13.2.2): 304 is all that it needs. */
export function isHad(
  { ifNoneMatch, ifModifiedSince }: Conditions,
  { etag, lastModified }: Validators,
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true
    const own = etag === undefined ? undefined : opaque(etag)
    return own !== undefined && [...ifNoneMatch.matchAll(tags)].some(([, tag]) => tag === own)
  }
  if (ifModifiedSince === undefined || lastModified === undefined) return false
  return Date.parse(lastModified) <= Date.parse(ifModifiedSince)
}

// Weak comparison: that is what reading needs.
const opaque = (etag: string): string | undefined => /^(?:W\/)?"([^"]*)"$/.exec(etag.trim())?.[1]
