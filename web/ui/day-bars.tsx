import { count } from './show.tsx'

/** Bars without axes: how something went over a stretch of days, each day in words under the pointer. */
export function DayBars({
  label,
  days,
  words,
}: {
  label: string
  days: readonly { readonly at: string; readonly value: number }[]
  words: (value: string, day: string) => string
}) {
  const most = Math.max(1, ...days.map(({ value }) => value))
  const [first, last] = [days[0]?.at ?? '', days.at(-1)?.at ?? '']
  return (
    <figure>
      <div
        role="img"
        aria-label={`${label}: ${summary(days, words)}`}
        className="flex h-24 items-end gap-px sm:gap-1"
      >
        {days.map(({ at, value }) => (
          <div key={at} title={words(count(value), day(at))} className="flex h-full flex-1 items-end">
            <div
              className="w-full rounded-sm bg-accent"
              style={{
                height: value === 0 ? '1px' : `${Math.max(3, (value / most) * 100)}%`,
                opacity: value === 0 ? 0.35 : 1,
              }}
            />
          </div>
        ))}
      </div>
      <figcaption aria-hidden className="mt-1.5 flex justify-between text-xs text-quiet">
        <span>{day(first)}</span>
        <span>{day(last)}</span>
      </figcaption>
    </figure>
  )
}

const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const day = (at: string): string => (at === '' ? '' : format.format(Date.parse(at)))

/** For those who do not see the bars: the busiest day. */
function summary(
  days: readonly { readonly at: string; readonly value: number }[],
  words: (value: string, day: string) => string,
): string {
  const busiest = days.reduce((best, one) => (one.value > best.value ? one : best), { at: '', value: 0 })
  return words(count(busiest.value), day(busiest.at))
}
