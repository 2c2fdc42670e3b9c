/** The English words of the operators' overview: how traffic and revenue go on. */
export const text = {
  title: 'Overview',
  lastDays: (days: number) => `Last ${days} days`,
  revenue: 'Revenue',
  revenueLead: 'What was earned each day, by the ledger: paid and not taken back.',
  mrr: 'Monthly recurring revenue',
  mrrLead: 'The fees of a whole month of everybody who stays. Use beyond them is not in it.',
  outstanding: 'Outstanding',
  outstandingNote: 'owed by customers now',
  paying: (count: number) => (count === 1 ? 'one paying subscription' : `${count} paying subscriptions`),
  requests: 'Requests',
  errorRate: 'Error rate',
  errors: (count: string) => `${count} requests failed`,
  latency: 'Latency, p95',
  latencyTitle: 'Latency',
  percentiles: (half: number, most: number) =>
    `half within ${half.toLocaleString('en-US')} ms, p99 ${most.toLocaleString('en-US')} ms`,
  signUps: 'Sign-ups',
  signUpsLead: 'New organizations each day.',
  requestsLead: 'Answers below 400 and others.',
  latencyLead:
    'From the first byte asked to the last one answered: half, 95 and 99 of a hundred requests were faster.',
  served: 'Served',
  failed: 'Failed',
  currency: 'Currency',
  shortDuration: (ms: number) =>
    // In one line beside the axis.
    ms < 1000
      ? `${ms}\u00a0ms`
      : `${(ms / 1000).toLocaleString('en-US', { maximumFractionDigits: 2 })}\u00a0s`,
  milliseconds: (value: number) => `${value.toLocaleString('en-US')} ms`,
  noMoney: 'Nothing is sold yet. A plan with a price, and a customer who takes it, make the first revenue.',
  makePlan: 'Look at the plans',
  newest: 'Newest customers',
  top: 'Who calls most',
  topLead: (month: string) =>
    `In ${new Date(`${month}-01`).toLocaleString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })} (UTC)`,
  noUse: 'No call has arrived this month.',
  noUseHelp: 'Connect an upstream, add a route, and give a customer a key.',
  startHere: 'Send the first call',
  organization: 'Organization',
  plan: 'Plan',
  failedShort: 'Errors',
  used: 'Included used',
  cost: 'Cost so far',
  noEnd: 'no limit',
} as const
