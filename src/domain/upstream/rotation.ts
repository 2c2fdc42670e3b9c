/**
 * Smooth weighted round robin: every turn each candidate is credited its weight, the richest is taken and pays for all.
 * While the candidates stay the same, any stretch as long as the sum of the weights gives each exactly its weight, spread out.
 */
export interface Rotation {
  readonly weights: readonly number[]
  readonly credits: number[]
}

/** A rotation in which nobody is ahead. */
export const newRotation = (weights: readonly number[]): Rotation => ({
  weights,
  credits: weights.map(() => 0),
})

/** Forgets who is ahead: for when the candidates change, so that shares are exact again from the next turn on. */
export function restart(rotation: Rotation): void {
  rotation.credits.fill(0)
}

/** The index whose turn it is among the candidates, the earlier one of two that are equal; -1, and no turn, without a candidate. */
export function nextTurn(rotation: Rotation, isCandidate: (index: number) => boolean): number {
  const { weights, credits } = rotation
  let price = 0
  let chosen = -1
  let most = 0
  for (let index = 0; index < weights.length; index++) {
    if (!isCandidate(index)) continue
    const weight = weights[index] ?? 0
    const credit = (credits[index] ?? 0) + weight
    credits[index] = credit
    price += weight
    if (chosen === -1 || credit > most) {
      chosen = index
      most = credit
    }
  }
  if (chosen !== -1) credits[chosen] = most - price
  return chosen
}
