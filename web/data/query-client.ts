import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api.ts'
import { hasTyped, isSessionOver, signInAgain } from './session-over.ts'

/**
 * What pages have read; a refusal is final, a server that is away is asked twice more. A session that is over leads to its door, and back;
 * where something would be lost by that, a new sign-in is asked for above it.
 */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        // Only where somebody was signed in: doors themselves ask, too, and are told the same.
        if (!isSessionOver(error) || !isKnown(client)) return
        if (!hasTyped() || signInAgain() === undefined) goToDoor()
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => void (isSessionOver(error) && isKnown(client) && signInAgain()),
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
      },
    },
  })
  return client
}

/** Whether somebody was signed in, as a customer or as an operator. */
const isKnown = (client: QueryClient): boolean =>
  [['me'], ['admin', 'me']].some((key) => client.getQueryData(key) !== undefined)

let isLeaving = false
// A page that the browser kept and shows again is not on its way out any more.
globalThis.addEventListener?.('pageshow', ({ persisted }) => {
  if (persisted) isLeaving = false
})

/** A whole load, once however many answers say the same: nothing that was read in the session that is over stays. */
export function goToDoor(): void {
  const { pathname, search } = location
  const door = pathname.startsWith('/ui') ? '/ui/sign-in' : '/portal/sign-in'
  if (pathname === door || isLeaving) return
  isLeaving = true
  location.assign(`${door}?next=${encodeURIComponent(pathname + search)}`)
}
