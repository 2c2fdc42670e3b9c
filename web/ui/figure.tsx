import type { ReactNode } from 'react'
import { Skeleton } from './surface.tsx'

/** One number that matters, under its name. */
export const Figure = ({
  label,
  value,
  note,
}: {
  label: string
  value: ReactNode | undefined
  note?: ReactNode
}) => (
  <div className="rounded-lg border bg-surface px-4 py-3">
    <p className="text-[13px] text-quiet">{label}</p>
    {value === undefined ? (
      <Skeleton className="mt-1.5 h-6 w-20" />
    ) : (
      <p className="tabular mt-0.5 text-xl leading-7 font-semibold tracking-tight wrap-anywhere">
        {/* Half an amount would be another one: where there is no room, its currency takes the next line. */}
        {typeof value === 'string' ? value.replace('\u00a0', ' ') : value}
      </p>
    )}
    {note !== undefined && <p className="mt-0.5 text-[13px] text-quiet">{note}</p>}
  </div>
)
