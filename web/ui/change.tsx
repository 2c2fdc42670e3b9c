import { TrendingDown, TrendingUp } from 'lucide-react'
import { text } from '@/text/en.ts'

/** How something went on: by how many percent it is more or less than before. `isGood` says which way one likes. */
export function Change({
  now,
  before,
  liked = 'more',
}: {
  now: number
  before: number
  liked?: 'more' | 'less'
}) {
  if (before <= 0) return <span className="text-quiet">{now > 0 ? text.newNow : text.asBefore}</span>
  const percent = ((now - before) / before) * 100
  const shown = `${Math.abs(percent) >= 10 ? Math.round(Math.abs(percent)) : Math.abs(percent).toFixed(1)} %`
  if (now === before) return <span className="text-quiet">{text.asBefore}</span>
  const isMore = now > before
  const isGood = isMore === (liked === 'more')
  return (
    <span className={`inline-flex items-center gap-1 ${isGood ? 'text-success' : 'text-danger'}`}>
      {isMore ? <TrendingUp size={13} aria-hidden /> : <TrendingDown size={13} aria-hidden />}
      {isMore ? text.moreBy(shown) : text.lessBy(shown)}
    </span>
  )
}
