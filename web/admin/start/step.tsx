import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '@/ui/class-names.ts'

/** How far a step is: behind one, at hand, or still to come. */
export type Progress = 'done' | 'now' | 'later'

/** One step of a journey: what was done stands in a line, what is at hand is open. */
export function Step({
  number,
  title,
  progress,
  summary,
  children,
}: {
  number: number
  title: string
  progress: Progress
  /** What came of it, once it is done. */
  summary?: ReactNode
  children: ReactNode
}) {
  return (
    <li className="rounded-lg border bg-surface" {...(progress === 'now' ? { 'aria-current': 'step' } : {})}>
      <div className="flex min-w-0 items-center gap-3 px-4 py-3">
        <span
          className={classNames(
            'tabular inline-flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold',
            progress === 'done' && 'bg-success-soft text-success',
            progress === 'now' && 'bg-fill text-on-fill',
            progress === 'later' && 'bg-raised text-quiet',
          )}
        >
          {progress === 'done' ? <Check size={14} aria-hidden /> : number}
        </span>
        <h2 className={classNames('text-sm font-semibold', progress === 'later' && 'text-quiet')}>{title}</h2>
        {progress === 'done' && summary !== undefined && (
          <span className="min-w-0 flex-1 truncate text-right text-[13px] text-quiet">{summary}</span>
        )}
      </div>
      {progress === 'now' && <div className="border-t p-4">{children}</div>}
    </li>
  )
}
