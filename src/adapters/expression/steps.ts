import { checkedInt } from './values.ts'
import { charge, ExpressionFailure, failure, type Run, type Step } from './work.ts'

/** A list literal. */
export function listOf(items: readonly Step[]): Step {
  return (run) => {
    charge(run, 1)
    return items.map((item) => item(run))
  }
}

/** A map literal; its keys are texts. */
export function mapOf(entries: readonly (readonly [key: Step, value: Step])[]): Step {
  return (run) => {
    charge(run, 1)
    const made: Record<string, unknown> = Object.create(null)
    for (const [key, value] of entries) {
      const name = key(run)
      if (typeof name !== 'string') throw failure(run, 'the key of a map must be a text')
      made[name] = value(run)
    }
    return made
  }
}

function truth(run: Run, value: unknown): boolean {
  if (typeof value !== 'boolean') throw failure(run, 'a condition must be true or false')
  return value
}

/** `condition ? a : b`; only the chosen side runs. */
export function ternary(condition: Step, whenTrue: Step, whenFalse: Step): Step {
  return (run) => {
    charge(run, 1)
    return truth(run, condition(run)) ? whenTrue(run) : whenFalse(run)
  }
}

/** `||` and `&&`: a side that decides makes a failure of the other side unimportant, whichever comes first. */
export function logical(deciding: boolean, left: Step, right: Step): Step {
  return (run) => {
    charge(run, 1)
    let leftFailure: ExpressionFailure | undefined
    try {
      if (truth(run, left(run)) === deciding) return deciding
    } catch (error) {
      if (!(error instanceof ExpressionFailure)) throw error
      leftFailure = error
    }
    const decided = truth(run, right(run))
    if (leftFailure !== undefined && decided !== deciding) throw leftFailure
    return decided
  }
}

/** `!a`. */
export function negation(step: Step): Step {
  return (run) => {
    charge(run, 1)
    return !truth(run, step(run))
  }
}

/** `-a`. */
export function minus(step: Step): Step {
  return (run) => {
    charge(run, 1)
    const value = step(run)
    if (typeof value === 'bigint') return checkedInt(run, -value)
    if (typeof value === 'number') return -value
    throw failure(run, 'arithmetic needs numbers')
  }
}
