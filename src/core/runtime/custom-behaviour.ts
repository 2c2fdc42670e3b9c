import { errors } from '#contract/errors.ts'
import { Fault, type Refusal, refuse } from '#contract/outcome.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'

const longestMs = 10_000

const isRefusal = (value: unknown): value is Refusal => {
  if (typeof value !== 'object' || value === null) return false
  const { ok, code, message } = value as Record<string, unknown>
  return (
    ok === false && typeof message === 'string' && typeof code === 'string' && Object.hasOwn(errors, code)
  )
}

/** Keeps what outlives its time from writing into a transaction that is over. */
function closable(context: BehaviourContext, name: string) {
  let isOver = false
  const open = (invoke: BehaviourContext['invoke']): BehaviourContext['invoke'] => {
    return (call) =>
      isOver
        ? Promise.reject(new Fault('internal_error', `"${name}" goes on after its end: await what it begins`))
        : invoke(call)
  }
  const { everywhere } = context
  return {
    context: {
      ...context,
      invoke: open(context.invoke),
      everywhere: { ...everywhere, invoke: open(everywhere.invoke) },
      refuse,
    },
    close: () => {
      isOver = true
    },
  }
}

/**
 * A behaviour of the user's own code, held to the rules: it ends within ten seconds, because every writer waits for its transaction, and
 * answers nothing or a refusal. What breaks them is a Fault that names it, and undoes the action.
 */
export function customBehaviour(
  name: string,
  run: (context: unknown) => unknown,
  mostMs: number = longestMs,
): Behaviour {
  return async (given) => {
    const { context, close } = closable(given, name)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const fault = new Fault('internal_error', `"${name}" did not end within ${mostMs} ms`)
      timer = setTimeout(() => reject(fault), mostMs)
    })
    try {
      const answer: unknown = await Promise.race([run(context), late])
      if (answer === undefined || isRefusal(answer)) return answer
      throw new Fault('internal_error', `"${name}" answered something that is no refusal`)
    } finally {
      clearTimeout(timer)
      close()
    }
  }
}
