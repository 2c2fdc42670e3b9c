import { createHash } from 'node:crypto'
import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'

interface Kept {
  readonly content: string
  readonly contentType: string
  readonly size: number
}

/** The order of keys is that of their bytes, which are all ASCII. */
const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Files in this process, up to a size; for tests and trying out. */
export function createMemoryStorage(): OpenProviderCode<ProviderActions<'storage'>> {
  return ({ config }) => {
    const mostBytes = Number(config['most_bytes'])
    const files = new Map<string, Kept>()
    let bytes = 0
    return {
      actions: {
        async put({ key, content, content_type: contentType = 'application/octet-stream' }) {
          const data = Buffer.from(content, 'base64')
          const size = data.length
          const after = bytes - (files.get(key)?.size ?? 0) + size
          if (after > mostBytes)
            return refuse(
              'payload_too_large',
              `There is no room: the files may have ${mostBytes} bytes together`,
            )
          bytes = after
          files.set(key, { content, contentType, size })
          return accept({ key, size, etag: createHash('sha256').update(data).digest('hex') })
        },
        async get({ key }) {
          const kept = files.get(key)
          if (kept === undefined) return accept({ found: false })
          const { content, contentType, size } = kept
          return accept({ found: true, content, content_type: contentType, size })
        },
        async delete({ key }) {
          bytes -= files.get(key)?.size ?? 0
          return accept({ deleted: files.delete(key) })
        },
        async list({ prefix = '', after = '', limit = 100 }) {
          const keys = [...files.keys()].filter((key) => key.startsWith(prefix) && key > after).sort(byKey)
          const page = keys.slice(0, limit).map((key) => ({ key, size: files.get(key)?.size ?? 0 }))
          return accept({ files: page, has_more: keys.length > limit })
        },
      },
    }
  }
}
