import { accept, type Outcome, refuse } from '#contract/outcome.ts'

const tag = /(?:W\/)?"[^"]*"/g

const tagsOf = (header: string): readonly string[] => header.match(tag) ?? []
const withoutWeakness = (text: string): string => (text.startsWith('W/') ? text.slice(2) : text)

/** True when `If-None-Match` says that the client has this version already. */
export function isNotModified(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.trim() === '*' || tagsOf(header).some((known) => withoutWeakness(known) === etag)
}

/**
 * The one ETag that a write must find, from `If-Match`; undefined when there is no condition. `currentTag` is asked only
 * when several tags were sent.
 */
export async function requiredTag(
  header: string | null,
  currentTag: () => Promise<Outcome<string>>,
): Promise<Outcome<string | undefined>> {
  if (header === null || header.trim() === '*') return accept(undefined)
  const tags = tagsOf(header)
  if (tags.length <= 1) return accept(tags[0] ?? header.trim())
  const current = await currentTag()
  if (!current.ok) return current
  return tags.includes(current.value)
    ? current
    : refuse('precondition_failed', 'The record changed since it was read')
}
