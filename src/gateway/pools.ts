import type { UpstreamEntry } from '#ports/snapshot.ts'
import { createUpstreamPool } from './upstream/pool.ts'
import type { UpstreamPool } from './upstream/types.ts'

/** A pool, and what every request to it begins with. */
export interface UpstreamDoor {
  readonly pool: UpstreamPool
  /** The path of base_url, without a slash at its end. */
  readonly basePath: string
  /** Host and port for the Host header. */
  readonly host: string
}

/** The connection pools of this process, one per upstream; an upstream that changes gets a new one, and the old one runs empty. */
export interface Pools {
  door(upstream: UpstreamEntry): UpstreamDoor
  close(): void
}

/** Creates the home of the pools; they open when they are first asked for. */
export function createPools(): Pools {
  const byEntry = new WeakMap<UpstreamEntry, UpstreamDoor>()
  const byId = new Map<string, { readonly shape: string; readonly door: UpstreamDoor }>()

  function open(upstream: UpstreamEntry): UpstreamDoor {
    const { baseUrl, maxIdleConns, idleConnTimeoutMs } = upstream
    const shape = JSON.stringify([baseUrl, maxIdleConns, idleConnTimeoutMs])
    const known = byId.get(upstream.id)
    if (known?.shape === shape) return known.door
    known?.door.pool.close()
    const url = new URL(baseUrl)
    const door: UpstreamDoor = {
      pool: createUpstreamPool({ baseUrl, maxIdleConns, idleConnTimeoutMs }),
      basePath: url.pathname.replace(/\/$/, ''),
      host: url.host,
    }
    byId.set(upstream.id, { shape, door })
    return door
  }

  return {
    door(upstream) {
      let door = byEntry.get(upstream)
      if (door === undefined) {
        door = open(upstream)
        byEntry.set(upstream, door)
      }
      return door
    },
    close() {
      for (const { door } of byId.values()) door.pool.close()
    },
  }
}
