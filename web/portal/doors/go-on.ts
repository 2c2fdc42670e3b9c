import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'

/** Leads on after somebody signed in: to where they wanted to go, as long as that is one of the portal's pages or of the documentation. */
export function useGoOn(): () => void {
  const router = useRouter()
  const client = useQueryClient()
  const { next } = useSearch({ strict: false }) as { next?: string }
  return () => {
    const place = placeAfter(next)
    client.clear()
    if (place.startsWith('/portal')) router.history.push(place)
    else location.assign(place)
  }
}

/** Where `next` leads, as long as that is one of the portal's pages or of the documentation. */
export const placeAfter = (next: string | undefined): string =>
  next !== undefined && /^\/(?:portal|docs)(?:[/?#]|$)/.test(next) ? next : '/portal'
