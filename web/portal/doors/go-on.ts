import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'

/** Leads into the portal after somebody signed in: to where they wanted to go, as long as that is one of its pages. */
export function useGoOn(): () => void {
  const router = useRouter()
  const client = useQueryClient()
  const { next } = useSearch({ strict: false }) as { next?: string }
  return () => {
    client.clear()
    router.history.push(placeAfter(next))
  }
}

/** Where `next` leads, as long as that is one of the portal's pages. */
export const placeAfter = (next: string | undefined): string =>
  next !== undefined && /^\/portal(?:[/?]|$)/.test(next) ? next : '/portal'
