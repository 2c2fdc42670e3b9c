import type { PassTime } from '#app/billing/pass-time.ts'
import { refuse } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { knownBody } from './account/member-request.ts'
import type { ControlHandler } from './route-table.ts'

/** What moving the time of a development instance needs; absent where it lives in the time of the machine. */
export interface TestClockDependencies {
  readonly testTime: PassTime | undefined
}

const none = refuse('not_found', 'This instance has no test clock: start it with APIGATE_TEST_CLOCK=1')

/** The test clock as operators see it, by its rule. */
export function testClockHandlers({
  testTime,
}: TestClockDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/test-clock': ({ requestId }) =>
      testTime === undefined ? refusalAnswer(none, requestId) : dataAnswer(testTime.show()),
    'POST /admin/test-clock': async ({ request, requestId }) => {
      const body = await knownBody(request, ['by', 'to'])
      if (testTime === undefined) return refusalAnswer(none, requestId)
      const outcome = body.ok ? await testTime.advance(body.value) : body
      return outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)
    },
  }
}
