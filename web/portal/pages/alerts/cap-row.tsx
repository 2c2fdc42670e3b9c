import type { ReactNode } from 'react'
import { text } from '@/text/alerts.ts'
import { Time } from '@/ui/show.tsx'
import { Meter } from '@/ui/surface.tsx'

/** What one cap bounds, what was spent of it where that is known, and what can be done with it. */
export const CapRow = ({
  name,
  words,
  share,
  resetsAt,
  children,
}: {
  name: string
  words: string
  /** How much of it is spent, of 1. */
  share?: number | undefined
  resetsAt?: string | undefined
  children?: ReactNode
}) => (
  <li className="grid min-w-0 grid-cols-1 gap-2 py-3 first:pt-0 last:pb-0">
    <p className="flex items-center justify-between gap-2">
      <span className="min-w-0 truncate font-semibold">{name}</span>
      <span className="flex shrink-0 gap-1">{children}</span>
    </p>
    {share !== undefined && <Meter value={share} label={`${name}: ${words}`} />}
    <p className="flex flex-wrap justify-between gap-x-4 text-[13px]">
      <span className="tabular">{words}</span>
      {resetsAt !== undefined && (
        <span className="text-quiet">
          {text.beginsAgain} <Time at={resetsAt} isDay />
        </span>
      )}
    </p>
  </li>
)
