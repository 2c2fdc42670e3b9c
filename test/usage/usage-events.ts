import fc from 'fast-check'
import type { UsageEvent } from '#contract/usage-event.ts'
import { monthOf } from '#domain/period.ts'

/** A moment in November 2026 that tests start from. */
export const november = Date.UTC(2026, 10, 20, 9, 0, 0)

/** A billed event of one subscription; give what the test is about. */
export function usageEvent(overrides: Partial<UsageEvent> & { readonly id: string }): UsageEvent {
  return {
    at: november,
    request_id: `req_${overrides.id}`,
    organization_id: 'org_1',
    api_id: 'api_1',
    subscription_id: 'sub_1',
    plan_id: 'pln_1',
    api_key_id: 'key_1',
    route_id: 'rte_1',
    method: 'GET',
    path: '/weather/lagos',
    status: 200,
    units: 1,
    request_bytes: 0,
    response_bytes: 120,
    duration_ms: 7,
    ...overrides,
  }
}

const arbitraryIdentities = fc.array(
  fc.record({
    at: fc.integer({ min: monthOf(november).start, max: monthOf(november).end + 86_400_000 }),
    owner: fc.constantFrom('1', '2', '3'),
    plan_id: fc.constantFrom('pln_1', 'pln_2'),
    api_key_id: fc.constantFrom('key_1', 'key_2'),
    route_id: fc.constantFrom('rte_1', 'rte_2'),
  }),
  { minLength: 60, maxLength: 60 },
)

const arbitraryMeasures = fc.array(
  fc.record({
    number: fc.nat(59),
    status: fc.constantFrom(200, 204, 399, 400, 404, 499, 502),
    units: fc.nat(5),
    request_bytes: fc.nat(1000),
    response_bytes: fc.nat(1_000_000),
    duration_ms: fc.nat(5000),
  }),
  { maxLength: 120 },
)

/** Events of two months and few subscriptions. An event may turn up again with other measures: the first ones count. */
export const arbitraryEvents = fc
  .tuple(arbitraryIdentities, arbitraryMeasures)
  .map(([identities, measures]) =>
    measures.map(({ number, ...measured }) => {
      const { owner, ...identity } = identities[number] ?? { owner: '1' }
      return usageEvent({
        ...identity,
        ...measured,
        id: `use_${number}`,
        organization_id: `org_${owner}`,
        subscription_id: `sub_${owner}`,
      })
    }),
  )
