import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, shape, text, textOrNull, truth } from './shapes.ts'

const oneOfOrNull = (...words: readonly string[]) => ({ enum: [...words, null] })

const provider = shape({
  name: text,
  capability: text,
  provider: text,
  description: text,
  is_active: truth,
  is_enabled: truth,
  is_configured: truth,
  problems: listOf(text),
  instances: listOf(text),
  chosen_by: oneOfOrNull('setting', 'environment', 'default'),
  only: oneOfOrNull('testing', 'single_node'),
})
const test = shape({
  capability: text,
  provider: text,
  status: oneOf('connected', 'unavailable', 'not_configured', 'disabled'),
  error: textOrNull,
})

const tag = 'Providers'
const enabling = (id: string, summary: string): DescribedOperation => ({
  id,
  tag,
  summary,
  answers: { 200: { description: 'The provider as it is now', schema: enveloped(provider) } },
  errors: ['permission_denied', 'not_found', 'conflict', 'validation_error', 'precondition_failed'],
})

/** Providers of outside services, by their rule. */
export const providerDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/providers': {
    id: 'list_providers',
    tag,
    summary: 'Every provider, which of them are active, and what is missing in their configuration',
    answers: { 200: { description: 'The providers', schema: enveloped(listOf(provider)) } },
  },
  'GET /admin/providers/:name': {
    id: 'get_provider',
    tag,
    summary: 'One provider, by its name or its short one',
    answers: { 200: { description: 'The provider', schema: enveloped(provider) } },
    errors: ['not_found', 'conflict'],
  },
  'POST /admin/providers/test': {
    id: 'test_providers',
    tag,
    summary: 'Test a provider, or the active ones of some capabilities; of all without either',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: { name: text, capabilities: { ...listOf(text), maxItems: 100 } },
          additionalProperties: false,
        },
      },
      example: { capabilities: ['email'] },
      isRequired: false,
    },
    answers: { 200: { description: 'How each of them is', schema: enveloped(listOf(test)) } },
    errors: ['not_found', 'conflict'],
  },
  'POST /admin/providers/call': {
    id: 'call_capability',
    tag: 'Providers',
    summary:
      'Do one action of a capability on its active provider, or on another; it is kept in the audit log',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['capability', 'action'],
          properties: {
            capability: text,
            action: text,
            input: { type: 'object', additionalProperties: true },
            provider: text,
          },
          additionalProperties: false,
        },
      },
      example: {
        capability: 'email',
        action: 'send',
        input: { to: 'ada@example.com', subject: 'Hi', text: 'Hi' },
      },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'What the provider answered',
        schema: enveloped({ type: 'object', additionalProperties: true }),
      },
    },
    errors: ['validation_error', 'not_found', 'service_unavailable'],
  },
  'POST /admin/providers/switch': {
    id: 'switch_provider',
    tag,
    summary: 'Make a provider the active one of a capability, from the next call on and in every process',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['capability', 'provider'],
          properties: {
            capability: text,
            provider: {
              ...text,
              description: '`sendgrid`, or `sendgrid/marketing` for one of several configurations',
            },
            force: { ...truth, default: false, description: 'Also when its test fails' },
          },
          additionalProperties: false,
        },
      },
      example: { capability: 'email', provider: 'sendgrid' },
      isRequired: true,
    },
    answers: { 200: { description: 'The provider as it is now', schema: enveloped(provider) } },
    errors: ['permission_denied', 'not_found', 'conflict'],
  },
  'POST /admin/providers/:name/enable': enabling('enable_provider', 'Switch a provider on'),
  'POST /admin/providers/:name/disable': enabling(
    'disable_provider',
    'Switch a provider off: calls of it are refused',
  ),
}
