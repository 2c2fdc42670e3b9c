/** The English words of how long requests take. */
export const text = {
  title: 'Latency',
  lead: 'How long requests took, the slowest route first. Half of them were at least as fast as p50, 95 of a hundred as p95.',
  route: 'Route',
  requests: 'Requests',
  all: 'All together',
  milliseconds: (value: number | null) => (value === null ? '—' : `${value.toLocaleString('en-US')} ms`),
} as const
