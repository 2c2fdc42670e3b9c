import { formatAmount, formatMoney } from '#domain/money.ts'
import { Badge } from './surface.tsx'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const dayMs = 86_400_000
const steps = [
  [60_000, 1000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [dayMs, 3_600_000, 'hour'],
  [60 * dayMs, dayMs, 'day'],
  [2 * 365 * dayMs, 30 * dayMs, 'month'],
] as const
/** Beyond this nobody counts any more: the day itself says more than how many days it is away. */
const nearMs = 7 * dayMs

/** How long ago or how soon, in words. */
function relativeTime(at: number, now: number): string {
  const difference = at - now
  for (const [below, unit, name] of steps)
    if (Math.abs(difference) < below) return relative.format(Math.round(difference / unit), name)
  return relative.format(Math.round(difference / (365 * dayMs)), 'year')
}

const exactTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
/** Periods and due dates are days in UTC, wherever somebody looks at them. */
const utcDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** A day below a chart, such as 3 Nov. */
export const dayOf = (at: string): string => shortDay.format(Date.parse(at))

/** A day of a period, wherever somebody looks at it. */
export const calendarDay = (at: string): string => utcDay.format(Date.parse(at))

/** Where there is no value; a row that stacks on a phone leaves it out. */
export const Nothing = () => (
  <span data-nothing className="text-quiet">
    —
  </span>
)

/** A moment: how long ago in words while it is near, else its day; exactly, and how long ago, on hovering. */
export function Time({
  at,
  none,
  isExact = false,
  isDay = false,
}: {
  at: string | null | undefined
  none?: string
  /** Both: the moment, and how long ago it was. */
  isExact?: boolean
  /** Both, of a day: when a period ends, or an invoice is due. */
  isDay?: boolean
}) {
  if (at === null || at === undefined)
    return none === undefined ? <Nothing /> : <span className="text-quiet">{none}</span>
  const moment = Date.parse(at)
  const exact = new Date(moment).toLocaleString('en-GB', { timeZoneName: 'short' })
  const relation = relativeTime(moment, Date.now())
  const isNear = Math.abs(moment - Date.now()) < nearMs
  const shown = isDay
    ? utcDay.format(moment)
    : isExact
      ? exactTime.format(moment)
      : isNear
        ? relation
        : day.format(moment)
  return (
    <time dateTime={at} title={`${exact} · ${relation}`}>
      {shown}
      {(isExact || isDay) && (
        <span data-relation className="text-quiet">
          <span data-dot> · </span>
          {relation}
        </span>
      )}
    </time>
  )
}

/** A whole number with separators. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** An amount in minor units with its currency, as mails and papers write it; the two are never on different lines. */
export const money = (amountMinor: number, currency: string): string =>
  Number.isInteger(amountMinor)
    ? formatMoney({ amountMinor: BigInt(amountMinor), currency }).replace(' ', '\u00a0')
    : '—'

/** An amount beside the axis of a chart, which has its currency elsewhere and little room. */
export const axisAmount = (amountMinor: number, currency: string): string =>
  formatAmount({ amountMinor: BigInt(Math.round(amountMinor)), currency }).replace(/\.0+$/, '')

const good = new Set(['active', 'paid', 'succeeded', 'running', 'healthy', 'enabled', 'sent', 'delivered'])
const bad = new Set(['suspended', 'revoked', 'failed', 'unhealthy', 'overdue', 'dead', 'expired', 'past_due'])
const waiting = new Set([
  'pending',
  'trialing',
  'open',
  'draft',
  'rotating',
  'paused',
  'incomplete',
  'queued',
])

/** The status of a record, coloured by what it means. */
export const Status = ({ value }: { value: string }) => (
  <Badge
    tone={good.has(value) ? 'good' : bad.has(value) ? 'bad' : waiting.has(value) ? 'warning' : 'neutral'}
  >
    {value.replaceAll('_', ' ')}
  </Badge>
)
