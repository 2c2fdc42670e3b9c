/** How many checks in a row change the mind about a target. */
export interface HealthRule {
  readonly healthyAfter: number
  readonly unhealthyAfter: number
}

/** What the health checks of a target say. */
export interface Health {
  isUp: boolean
  /** Checks in a row that contradict it. */
  contradictions: number
}

/** A target is taken for healthy until checks say otherwise. */
export const newHealth = (): Health => ({ isUp: true, contradictions: 0 })

/** Takes in the result of one check. True when the target went up or down by it. */
export function observe(health: Health, rule: HealthRule, isGood: boolean): boolean {
  if (isGood === health.isUp) {
    health.contradictions = 0
    return false
  }
  health.contradictions++
  if (health.contradictions < (isGood ? rule.healthyAfter : rule.unhealthyAfter)) return false
  health.isUp = isGood
  health.contradictions = 0
  return true
}

/** Whether an answer to a check speaks for the target. */
export const isHealthyStatus = (status: number): boolean => status >= 200 && status < 400
