/** The monthly quota of a plan. `limit` -1 is unlimited. */
export interface QuotaRule {
  readonly limit: number
  readonly mode: 'hard' | 'soft' | 'warn'
  readonly gracePct: number
}

/** The most units that a month may take. soft and warn have no such end: they bill or tell. */
export const quotaCeiling = ({ limit, mode, gracePct }: QuotaRule): number =>
  limit < 0 || mode !== 'hard' ? Number.POSITIVE_INFINITY : limit + Math.floor((limit * gracePct) / 100)
