/** The English words about the bounds of a key. */
export const text = {
  bounds: 'Limits',
  boundsOf: (name: string) => `Limits of ${name}`,
  help: 'They come on top of those of your plan, and bound this key alone. Empty is none.',
  perMinute: 'Requests a minute',
  cap: 'Cap on its spending a month',
  capHint: 'Every unit counts at its price, included or not. Calls that would cost more are refused.',
  others: 'Other limits of this key stay as they are.',
  invalidNumber: 'Must be a whole number, at least 1',
  limit: (count: string, seconds: number | undefined) =>
    seconds === 60 ? `${count} a minute` : seconds === undefined ? count : `${count} in ${seconds} s`,
  capOf: (amount: string) => `at most ${amount}`,
  asPlan: 'as the plan',
} as const
