import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'

const control =
  'w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-text placeholder:text-quiet/70 aria-invalid:border-danger disabled:bg-raised disabled:text-quiet'

/** The classes of a one-line control, for widgets of their own. */
const controlClass = classNames(control, 'h-9')

/** What a control gets from the field around it. */
export interface FieldControl {
  readonly id: string
  readonly 'aria-invalid'?: true
  readonly 'aria-describedby'?: string
  /** Where no label stands beside it. */
  readonly 'aria-label'?: string
}

/** A label, a control, a hint and what is wrong with it, tied together for screen readers. */
export function Field({
  label,
  hint,
  error,
  children,
  unit,
  isOptional = false,
}: {
  label: ReactNode
  hint?: ReactNode
  error?: string | undefined
  isOptional?: boolean
  /** What the number is of. */
  unit?: string | undefined
  children: (control: FieldControl) => ReactNode
}) {
  const id = useId()
  const described = error !== undefined || hint !== undefined
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
        {unit !== undefined && <span className="font-normal text-quiet"> in {unit}</span>}
        {isOptional && <span className="font-normal text-quiet"> (optional)</span>}
      </label>
      {children({
        id,
        ...(error === undefined ? {} : { 'aria-invalid': true as const }),
        ...(described ? { 'aria-describedby': `${id}-about` } : {}),
      })}
      {described && (
        <p
          id={`${id}-about`}
          className={classNames('text-[13px]', error === undefined ? 'text-quiet' : 'text-danger')}
        >
          {error ?? hint}
        </p>
      )}
    </div>
  )
}

/** A one-line input. */
export const Input = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input {...rest} className={classNames(controlClass, className)} />
)

/** A text of several lines. */
export const TextArea = ({ className, ...rest }: ComponentProps<'textarea'>) => (
  <textarea {...rest} className={classNames(control, 'min-h-24 py-2 font-mono text-[13px]', className)} />
)

/** A choice of few; the browser's own list, which works on every phone. */
export const Select = ({ className, ...rest }: ComponentProps<'select'>) => (
  <select {...rest} className={classNames(controlClass, 'pr-8', className)} />
)

/** On or off. */
export function Switch({
  isOn,
  onChange,
  ...rest
}: { isOn: boolean; onChange: (isOn: boolean) => void } & Omit<ComponentProps<'button'>, 'onChange'>) {
  return (
    <button
      type="button"
      {...rest}
      role="switch"
      aria-checked={isOn}
      onClick={() => onChange(!isOn)}
      className={classNames(
        'relative h-5 w-9 rounded-full border transition-colors',
        isOn ? 'border-fill bg-fill' : 'border-line-strong bg-raised',
      )}
    >
      <span
        className={classNames(
          'absolute top-0.5 size-3.5 rounded-full transition-all',
          isOn ? 'left-[18px] bg-on-fill' : 'left-0.5 bg-quiet',
        )}
      />
    </button>
  )
}
