import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, shape, text, truth } from './shapes.ts'

const password: JsonObject = { type: 'string', maxLength: 1_000, writeOnly: true }
const code: JsonObject = { type: 'string', maxLength: 40, writeOnly: true }
const changed: DescribedOperation['answers'] = {
  200: {
    description: 'Changed; every other session has ended',
    schema: enveloped(shape({ two_factor_enabled: truth, recovery_codes: listOf(text) })),
  },
}
const described = (
  id: string,
  summary: string,
  body: Readonly<Record<string, JsonObject>>,
  answers: DescribedOperation['answers'],
): DescribedOperation => ({
  id,
  tag: 'Operators',
  summary,
  body: {
    content: { 'application/json': { ...shape(body), additionalProperties: false } },
    isRequired: true,
  },
  answers,
  errors: ['invalid_credentials', 'rate_limit_exceeded', 'conflict'],
})

/** The second factor of operators, by its rule. */
export const factorDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/two-factor/begin': described(
    'begin_operator_two_factor',
    'A new secret for an authenticator app; it counts once a code of it was shown',
    { password },
    { 200: { description: 'The secret', schema: enveloped(shape({ secret: text, uri: text })) } },
  ),
  'POST /admin/two-factor/enable': described(
    'enable_operator_two_factor',
    'Ask this operator for codes from now on; the answer holds the recovery codes this once',
    { code },
    changed,
  ),
  'POST /admin/two-factor/disable': described(
    'disable_operator_two_factor',
    'Ask this operator for codes no more',
    { password, code },
    changed,
  ),
}
