import type { JsonObject } from '#core/channel/openapi/json-schema.ts'

/** One operation as a client offers it. */
export interface ClientOperation {
  /** `get_forecast`. */
  readonly id: string
  readonly method: string
  /** With `{name}` for what varies, `{+name}` where that may hold slashes; with a scheme and host where it has its own. */
  readonly address: string
  readonly summary: string
}

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** The operations of the document of published routes. */
export function clientOperations(document: JsonObject): readonly ClientOperation[] {
  return Object.entries(document['paths'] as Record<string, JsonObject>).flatMap(([path, item]) => {
    const [server] = (item['servers'] ?? []) as readonly { readonly url: string }[]
    const address = `${server?.url ?? ''}${path.replace(/\{rest\}$/, '{+rest}')}`
    return verbs.flatMap((verb) => {
      const entry = item[verb] as { readonly operationId: string; readonly summary: string } | undefined
      return entry === undefined
        ? []
        : [{ id: entry.operationId, method: verb.toUpperCase(), address, summary: oneLine(entry.summary) }]
    })
  })
}

/** A text that stays within its comment, whatever somebody called a route. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim()

/** A text as a literal that both languages read. */
export const literal = (text: string): string => JSON.stringify(text)
