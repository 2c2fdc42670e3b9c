/** Prepaid credit of a customer that is not used up. */
export interface UsableCredit {
  readonly id: string
  readonly remainingMinor: bigint
  readonly priority: number
  readonly expiresAtMs: number | null
  readonly createdAt: string
}

/** How much of which credit is used. */
export interface CreditUse {
  readonly id: string
  readonly amountMinor: bigint
}

/** Takes an amount from credit as far as it goes: the lowest priority first, then what expires first, then the oldest. */
export function drawCredit(
  amountMinor: bigint,
  credits: readonly UsableCredit[],
  nowMs: number,
): readonly CreditUse[] {
  const usable = credits
    .filter(({ remainingMinor, expiresAtMs }) => remainingMinor > 0n && (expiresAtMs ?? Infinity) > nowMs)
    .sort(inOrderOfUse)
  const uses: CreditUse[] = []
  let open = amountMinor
  for (const { id, remainingMinor } of usable) {
    if (open <= 0n) break
    const isAll = remainingMinor < open
    uses.push({ id, amountMinor: isAll ? remainingMinor : open })
    open -= isAll ? remainingMinor : open
  }
  return uses
}

const inOrderOfUse = (a: UsableCredit, b: UsableCredit): number =>
  a.priority - b.priority ||
  // Two that never expire are Infinity - Infinity, which is no order.
  compare(a.expiresAtMs ?? Infinity, b.expiresAtMs ?? Infinity) ||
  compare(a.createdAt, b.createdAt) ||
  compare(a.id, b.id)

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
