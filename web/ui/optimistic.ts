import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { wordsOf } from '@/data/api.ts'
import { say } from './toasts.tsx'

/** What a mutation adds to show its outcome at once: what was there comes back, with the reason, when the server refuses. */
export const optimistic = <Known, Wish>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (known: Known, wish: Wish) => Known,
) => ({
  onMutate: async (wish: Wish) => {
    await client.cancelQueries({ queryKey, exact: true })
    const before = client.getQueryData<Known>(queryKey)
    if (before !== undefined) client.setQueryData<Known>(queryKey, change(before, wish))
    return { before }
  },
  onError: (error: unknown, _wish: Wish, context: { readonly before: Known | undefined } | undefined) => {
    if (context?.before !== undefined) client.setQueryData<Known>(queryKey, context.before)
    say(wordsOf(error), { isBad: true })
  },
  onSettled: () => client.invalidateQueries({ queryKey }),
})
