import { LoaderCircle } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

const looks: Readonly<Record<Look, string>> = {
  primary: 'bg-fill text-on-fill hover:bg-fill-strong border-accent',
  plain: 'bg-surface text-text hover:bg-raised border-line-strong',
  quiet: 'bg-transparent text-quiet hover:text-text hover:bg-raised border-transparent',
  danger: 'bg-danger-soft text-danger hover:brightness-95 border-danger/30',
}

/** The classes of something that looks like a button, for links. */
export const buttonClass = (look: Look = 'plain', size: 'normal' | 'small' = 'normal'): string =>
  classNames(
    'inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors',
    'disabled:opacity-55 disabled:pointer-events-none',
    size === 'small' ? 'h-7 px-2 text-[13px]' : 'h-9 px-3 text-sm',
    looks[look],
  )

/** A button; while it is busy it cannot be pressed twice. */
export function Button({
  look = 'plain',
  size = 'normal',
  isBusy = false,
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { look?: Look; size?: 'normal' | 'small'; isBusy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classNames(buttonClass(look, size), className)}
    >
      {isBusy && <LoaderCircle size={14} className="animate-spin" aria-hidden />}
      {children}
    </button>
  )
}

/** A square button that shows only an icon; its name is read out and shown on hovering. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: ComponentProps<'button'> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={classNames(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-text',
        className,
      )}
    >
      {children}
    </button>
  )
}
