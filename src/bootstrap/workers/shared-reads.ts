import type { Records } from '#ports/records.ts'
import type { Read } from './messages.ts'

/** Reads for other threads. Between `begin` and `end`, while all of them take in the same change, the same read is done once. */
export interface SharedReads {
  begin(): void
  end(): void
  read(read: Read): Promise<unknown>
}

/** Creates it; what is kept never outlives the change that it was read for. */
export function createSharedReads(records: Records): SharedReads {
  let kept: Map<string, Promise<unknown>> | undefined

  // The call came as a message of our own, so its arguments fit its method.
  const perform = ({ method, args }: Read): Promise<unknown> =>
    (records[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args)

  return {
    begin() {
      kept = new Map()
    },
    end() {
      kept = undefined
    },
    read(read) {
      if (kept === undefined) return perform(read)
      const name = JSON.stringify([read.method, read.args])
      const known = kept.get(name)
      if (known !== undefined) return known
      const result = perform(read)
      kept.set(name, result)
      return result
    },
  }
}
