import { join, resolve } from 'node:path'
import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { createFileTree } from './file-tree.ts'

/**
 * Files in a folder of this machine. A file is whole or not there, whenever the process ends; nothing outside of the folder is read or
 * written, also where somebody has put symbolic links into it.
 */
export function createDiskStorage(deps: {
  readonly dataDirectory: string
}): OpenProviderCode<ProviderActions<'storage'>> {
  return async ({ config, ids }) => {
    const path = config['path']
    const root = typeof path === 'string' ? resolve(path) : join(deps.dataDirectory, 'storage')
    const mostBytes = Number(config['most_bytes'])
    const tree = createFileTree({ root, newName: () => ids.randomHex(16) })
    return {
      actions: {
        async put({ key, content, content_type: contentType = 'application/octet-stream' }) {
          const data = Buffer.from(content, 'base64')
          if (data.length > mostBytes)
            return refuse(
              'payload_too_large',
              `A file may have ${mostBytes} bytes, this one has ${data.length}`,
            )
          const etag = await tree.write(key, contentType, data)
          return accept({ key, size: data.length, etag })
        },
        async get({ key }) {
          const file = await tree.read(key)
          if (file === undefined) return accept({ found: false })
          const { contentType, data } = file
          return accept({
            found: true,
            content: data.toString('base64'),
            content_type: contentType,
            size: data.length,
          })
        },
        delete: async ({ key }) => accept({ deleted: await tree.remove(key) }),
        async list({ prefix = '', after = '', limit = 100 }) {
          const files: { key: string; size: number }[] = []
          for await (const file of tree.walk(prefix, after)) {
            if (files.length === limit) return accept({ files, has_more: true })
            files.push(file)
          }
          return accept({ files, has_more: false })
        },
      },
      async test() {
        await tree.prepare()
        return accept(undefined)
      },
    }
  }
}
