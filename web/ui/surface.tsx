import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'

/** A framed part of a page, with a heading where it has a title. */
export function Card({
  title,
  description,
  actions,
  children,
  className,
}: {
  title?: ReactNode
  description?: ReactNode
  actions?: ReactNode
  children?: ReactNode
  className?: string
}) {
  return (
    <section className={classNames('rounded-lg border bg-surface', className)}>
      {title !== undefined && (
        <header
          className={classNames(
            'flex flex-wrap items-center justify-between gap-2 px-4 py-3',
            children !== undefined && 'border-b',
          )}
        >
          <div>
            <h2 className="text-sm font-semibold">{title}</h2>
            {description !== undefined && <p className="text-[13px] text-quiet">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      {children !== undefined && <div className="p-4">{children}</div>}
    </section>
  )
}

/** The title of a page, what it is for, and what can be done there. */
export function PageHeader({
  title,
  description,
  actions,
}: {
  title: ReactNode
  description?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 grow basis-72">
        <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
        {description !== undefined && <p className="mt-0.5 max-w-2xl text-quiet">{description}</p>}
      </div>
      {actions !== undefined && actions !== false && (
        <div className="flex flex-wrap items-center gap-2">{actions}</div>
      )}
    </header>
  )
}

type Tone = 'neutral' | 'good' | 'warning' | 'bad' | 'accent'
const tones: Readonly<Record<Tone, string>> = {
  neutral: 'bg-raised text-quiet',
  good: 'bg-success-soft text-success',
  warning: 'bg-warning-soft text-warning',
  bad: 'bg-danger-soft text-danger',
  accent: 'bg-accent-soft text-accent',
}

/** A word about a state. */
export const Badge = ({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) => (
  <span
    className={classNames(
      'inline-flex items-center rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap',
      tones[tone],
    )}
  >
    {children}
  </span>
)

/** Something that has to be said above everything else. */
export const Banner = ({
  tone = 'accent',
  children,
  action,
}: {
  tone?: Exclude<Tone, 'neutral'>
  children: ReactNode
  action?: ReactNode
}) => (
  <div
    role={tone === 'bad' ? 'alert' : 'status'}
    className={classNames(
      'mb-4 flex flex-wrap items-center justify-between gap-2 rounded-lg px-4 py-2.5 text-sm',
      tones[tone],
    )}
  >
    <div>{children}</div>
    {action}
  </div>
)

/** What stands where nothing is yet: what this would be, and the next step. */
export const Empty = ({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) => (
  <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-12 text-center">
    <p className="font-medium">{title}</p>
    {children !== undefined && <div className="max-w-md text-quiet">{children}</div>}
    {action !== undefined && <div className="mt-2">{action}</div>}
  </div>
)

/** The shape of something that is still on its way. */
export const Skeleton = ({ className, ...rest }: ComponentProps<'div'>) => (
  <div
    aria-hidden
    data-skeleton
    {...rest}
    className={classNames('animate-pulse rounded bg-raised', className)}
  />
)

/** How much of something is used; its colour changes at 80 and at 95 percent. */
export function Meter({ value, label }: { value: number; label: string }) {
  const percent = Math.max(0, Math.min(100, value * 100))
  const tone = value >= 0.95 ? 'bg-danger' : value >= 0.8 ? 'bg-warning' : 'bg-accent'
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers do not let a meter be styled alike
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      className="h-2 overflow-hidden rounded-full bg-raised"
    >
      <div className={classNames('h-full rounded-full', tone)} style={{ width: `${percent}%` }} />
    </div>
  )
}
