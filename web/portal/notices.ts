import type { ReactNode } from 'react'

/** Something that has to be said above a page. */
export interface Notice {
  readonly key: string
  readonly tone: 'bad' | 'warning' | 'accent'
  readonly words: ReactNode
  readonly action?: ReactNode
}

const ranks = { bad: 0, warning: 1, accent: 2 } as const

/** The gravest first; of those that are as grave, in the order given. */
export const byGravity = (notices: readonly Notice[]): readonly Notice[] =>
  notices.toSorted((one, other) => ranks[one.tone] - ranks[other.tone])
