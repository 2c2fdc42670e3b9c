import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { Button } from '@/ui/button.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { money } from '@/ui/show.tsx'
import { say } from '@/ui/toasts.tsx'
import { CapRow } from './cap-row.tsx'

/** A cap on what one route may cost, and how far use has come. */
export interface RouteCap {
  readonly id: string
  readonly route_id: string
  readonly route: string | null
  readonly cap: number
  readonly currency: string
  readonly spent: number
  readonly resets_at: string
}

/** The cap of one route; what is removed can be set again. */
export function RouteCapRow({ cap, onChange }: { cap: RouteCap; onChange: (() => void) | undefined }) {
  const client = useQueryClient()
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['route-caps'] })
  const setAgain = useMutation({
    mutationFn: () => call('POST', '/api/route_caps', { route_id: cap.route_id, cap: cap.cap }),
    onError: (error) => say(wordsOf(error), { isBad: true }),
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: ({ id }: RouteCap) => call('DELETE', `/api/route_caps/${id}`),
    ...optimistic<{ readonly caps: readonly RouteCap[] }, RouteCap>(
      client,
      ['route-caps'],
      (known, gone) => ({
        ...known,
        caps: known.caps.filter(({ id }) => id !== gone.id),
      }),
    ),
    onSuccess: () => say(text.routeCapRemoved, { undo: () => setAgain.mutate() }),
  })
  return (
    <CapRow
      name={text.ofRoute(cap.route || cap.route_id)}
      words={text.spendOf(money(cap.spent, cap.currency), money(cap.cap, cap.currency))}
      share={cap.cap === 0 ? 1 : cap.spent / cap.cap}
      resetsAt={cap.resets_at}
    >
      {onChange !== undefined && (
        <>
          <Button size="small" look="quiet" onClick={onChange}>
            {text.change}
          </Button>
          <Button size="small" look="quiet" onClick={() => remove.mutate(cap)}>
            {text.remove}
          </Button>
        </>
      )}
    </CapRow>
  )
}
