import type { Actor } from '#contract/actor.ts'
import type { Outcome } from '#contract/outcome.ts'
import { closeCodes } from '#core/channel/websocket/subscription.ts'
import type { LiveRequests, RequestsSeen } from '#ports/live-requests.ts'
import type { Begin } from './live.ts'

/** Where operators follow the requests of the instance. */
export const requestsPath = '/ws/admin/requests'

/**
 * Tells a client of requests while they are counted, as long as it is somebody who may see them. What is counted while a message is on its
 * way is told in the next one as a number: nothing waits in memory for a client that does not read.
 */
export function tellRequests(deps: {
  readonly liveRequests: LiveRequests
  readonly again: () => Promise<Outcome<Actor>>
  readonly failed: (error: unknown) => void
}): Begin {
  return ({ send, end }) => {
    let missed = 0
    let isBusy = false
    const tell = async (seen: RequestsSeen): Promise<void> => {
      const actor = await deps.again()
      if (!actor.ok) return end(closeCodes.unauthorized, 'the credential is no longer valid')
      const data = { counted: seen.counted + missed, requests: seen.requests }
      missed = 0
      if (!(await send(JSON.stringify({ event: 'requests', data }))))
        end(closeCodes.tooSlow, 'the client does not read fast enough')
      return undefined
    }
    return deps.liveRequests.follow((seen) => {
      if (isBusy) {
        missed += seen.counted
        return
      }
      isBusy = true
      tell(seen)
        .catch((error: unknown) => {
          deps.failed(error)
          end(closeCodes.failed, 'something failed on our side')
        })
        .finally(() => {
          isBusy = false
        })
    })
  }
}
