import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { shape, text, whole } from './shapes.ts'

const tag = 'Test clock'
const time = { now: text, ahead_ms: { ...whole, description: "Before the machine's time" } }

/** The test clock of development instances, by its rule. */
export const testClockDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/test-clock': {
    id: 'getTestClock',
    tag,
    summary: 'The time of an instance that was started with APIGATE_TEST_CLOCK=1',
    answers: { 200: { description: 'Its time', schema: enveloped(shape(time)) } },
    errors: ['not_found'],
  },
  'POST /admin/test-clock': {
    id: 'advanceTestClock',
    tag,
    summary: 'Let time pass, at most a year at once: what is due on the way is done at its time',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            by: { ...text, pattern: '^[1-9][0-9]{0,4}[smhd]$' },
            to: { ...text, format: 'date-time' },
          },
          additionalProperties: false,
        },
      },
      example: { by: '30d' },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'Its time now, and how often it stopped on the way to do what was due',
        schema: enveloped(shape({ ...time, stops: whole })),
      },
    },
    errors: ['permission_denied', 'not_found', 'conflict', 'validation_error'],
  },
}
