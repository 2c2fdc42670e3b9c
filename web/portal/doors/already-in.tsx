import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { text } from '@/text/portal.ts'
import { meQuery } from '../session.ts'
import { placeAfter } from './go-on.ts'

/** Who stands at a door and is inside already is told so, and how to go on; another account may come in all the same. */
export function AlreadyIn() {
  const { next } = useSearch({ strict: false }) as { next?: string }
  const { data } = useQuery({ ...meQuery, retry: false, staleTime: 0 })
  if (data === undefined) return null
  return (
    <p className="mb-5 rounded-md bg-raised px-3 py-2 text-[13px]">
      {text.alreadyIn(data.user.email)}{' '}
      <a href={placeAfter(next)} className="text-accent underline underline-offset-2">
        {text.goOn}
      </a>
    </p>
  )
}
