/** The English words of what the overview shows while it happens. */
export const text = {
  requests: 'Live requests',
  requestsLead: 'Each one as it is counted, half a second after its answer.',
  noRequest: 'Waiting for the next request.',
  noFailure: 'Waiting for the next request that fails.',
  rate: (perSecond: string) => `${perSecond} a second`,
  sampled: 'a sample, failures first',
  failedOnly: 'Failures only',
  pause: 'Pause',
  goOn: 'Go on',
  milliseconds: (value: number) => `${value.toLocaleString('en-US')} ms`,
  changes: 'Latest changes',
  changesLead: 'Changes of records, as they are committed.',
  noChange: 'Waiting for the first change.',
  lost: 'The live connection was lost; it is opened again.',
} as const
