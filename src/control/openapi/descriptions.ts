import { type JsonObject, reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { accountDescriptions } from './account-descriptions.ts'
import { auditDescriptions } from './audit-descriptions.ts'
import { billingDescriptions } from './billing-descriptions.ts'
import { declaredDescriptions } from './declared-descriptions.ts'
import { exportDescriptions } from './export-descriptions.ts'
import { factorDescriptions } from './factor-descriptions.ts'
import { impersonationDescriptions } from './impersonation-descriptions.ts'
import { invitationDescriptions, organizationDescriptions } from './invitation-descriptions.ts'
import { jobDescriptions } from './job-descriptions.ts'
import { keyDescriptions } from './key-descriptions.ts'
import { ledgerDescriptions } from './ledger-descriptions.ts'
import { mailDescriptions } from './mail-descriptions.ts'
import { methodDescriptions } from './method-descriptions.ts'
import { oauthDescriptions } from './oauth-descriptions.ts'
import { paperDescriptions } from './paper-descriptions.ts'
import { paymentDescriptions } from './payment-descriptions.ts'
import { planChangeDescriptions } from './plan-change-descriptions.ts'
import { pricePreviewDescriptions } from './price-preview-descriptions.ts'
import { providerDescriptions } from './provider-descriptions.ts'
import { reconcileDescriptions } from './reconcile-descriptions.ts'
import { routeToolsDescriptions } from './route-tools-descriptions.ts'
import { settingsDescriptions } from './settings-descriptions.ts'
import { listOf, oneOf, shape, text } from './shapes.ts'
import { page, siteDescriptions } from './site-descriptions.ts'
import { statusDescriptions } from './status-descriptions.ts'
import { syncDescriptions } from './sync-descriptions.ts'
import { teamDescriptions } from './team-descriptions.ts'
import { testClockDescriptions } from './test-clock-descriptions.ts'
import { usageDescriptions } from './usage-descriptions.ts'

const operator = {
  ...shape({ id: text, email: text, name: text, role: text, status: text }),
  description: 'As the module of operators shows it',
  additionalProperties: true,
}

const credentials = {
  ...shape({
    email: { type: 'string', format: 'email', maxLength: 320 },
    password: { type: 'string', maxLength: 1_000, writeOnly: true },
  }),
  properties: {
    email: { type: 'string', format: 'email', maxLength: 320 },
    password: { type: 'string', maxLength: 1_000, writeOnly: true },
    code: { type: 'string', maxLength: 40, writeOnly: true, description: 'Of the second factor' },
  },
  additionalProperties: false,
}
const setCookie: JsonObject = { 'Set-Cookie': { description: 'The session', schema: text } }

const session: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/login': {
    id: 'sign_in',
    tag: 'Operators',
    summary: 'Sign in with e-mail and password; the answer sets a session cookie',
    body: {
      content: { 'application/json': credentials },
      example: { email: 'ada@example.com', password: 'correct horse' },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'Signed in',
        schema: enveloped(
          shape({
            operator: operator,
            expires_at: { type: 'string', format: 'date-time' },
          }),
        ),
        headers: setCookie,
      },
    },
    errors: ['invalid_credentials', 'two_factor_required', 'rate_limit_exceeded'],
  },
  ...factorDescriptions,
  'POST /admin/logout': {
    id: 'sign_out',
    tag: 'Operators',
    summary: 'End the session that the request came with; a token stays as it is',
    answers: {
      200: {
        description: 'Signed out',
        schema: enveloped(shape({ signed_out: { const: true } })),
        headers: setCookie,
      },
    },
    errors: ['not_found', 'conflict'],
  },
  'POST /admin/setup': {
    id: 'make_first_operator',
    tag: 'Operators',
    summary: 'The first superadmin, with the token that the server printed; once',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['token', 'email', 'password'],
          properties: {
            token: { type: 'string', maxLength: 200, writeOnly: true },
            email: { type: 'string', format: 'email', maxLength: 320 },
            password: { type: 'string', minLength: 8, maxLength: 1_000, writeOnly: true },
            name: { type: 'string', maxLength: 200 },
          },
          additionalProperties: false,
        },
      },
      example: { token: 'setup_...', email: 'ada@example.com', password: 'correct horse', name: 'Ada' },
      isRequired: true,
    },
    answers: { 201: { description: 'Made', schema: enveloped(shape({ operator: operator })) } },
    errors: ['invalid_token', 'conflict'],
  },
  'GET /admin/me': {
    id: 'get_me',
    tag: 'Operators',
    summary: 'Who is asking, under which role, with what',
    answers: {
      200: {
        description: 'The operator, and the record behind the credential',
        schema: enveloped({
          type: 'object',
          required: ['id', 'role', 'credential'],
          properties: {
            id: text,
            role: oneOf('superadmin', 'support', 'billing'),
            credential: oneOf('token', 'session'),
            operator: operator,
            operator_token: { type: 'object', additionalProperties: true },
          },
        }),
      },
    },
    errors: ['not_found'],
  },
}

const moduleSummary = {
  module: text,
  plural: text,
  display_name: text,
  display_plural: text,
  id_prefix: text,
  name_field: {
    type: ['string', 'null'],
    description: 'The field by which people know a record; null where only its id names it',
  },
  refs: {
    ...listOf(shape({ field: text, label: text, to: text })),
    description: 'Its fields that point to other modules',
  },
  description: text,
  icon: text,
  scope: oneOf('instance', 'organization'),
  path: text,
}

const modules: Readonly<Record<string, DescribedOperation>> = {
  'GET /api/_schema': {
    id: 'list_modules',
    tag: 'Modules',
    summary: 'Every module: what it is and where it is found',
    answers: {
      200: {
        description: 'The modules',
        schema: enveloped(listOf(shape({ ...moduleSummary, actions: listOf(text) }))),
      },
    },
  },
  'GET /api/_schema/:module': {
    id: 'describe_module',
    tag: 'Modules',
    summary: 'The fields and actions of a module',
    answers: {
      200: {
        description: 'The module',
        schema: enveloped(
          shape({
            ...moduleSummary,
            fields: listOf({ type: 'object', additionalProperties: true }),
            unique: listOf(listOf(text)),
            columns: listOf(text),
            actions: listOf({ type: 'object', additionalProperties: true }),
          }),
        ),
      },
    },
    errors: ['not_found'],
  },
}

const document = (id: string, type: string): DescribedOperation => ({
  id,
  tag: 'API document',
  summary: 'This document; operators see all of it, others what is open to everyone',
  answers: {
    200: {
      description: 'An OpenAPI 3.1 document',
      schema: { type: 'object', additionalProperties: true },
      contentType: type,
    },
    304: { description: 'Not changed since' },
  },
  parameters: [reference('parameters', 'IfNoneMatch')],
  errors: ['unauthorized'],
})

/** Every address of the control plane that is not made from a module, by its rule. */
export const descriptions: Readonly<Record<string, DescribedOperation>> = {
  ...accountDescriptions,
  ...impersonationDescriptions,
  ...oauthDescriptions,
  ...keyDescriptions,
  ...planChangeDescriptions,
  ...invitationDescriptions,
  ...organizationDescriptions,
  ...teamDescriptions,
  ...usageDescriptions,
  ...statusDescriptions,
  ...auditDescriptions,
  ...billingDescriptions,
  ...ledgerDescriptions,
  ...settingsDescriptions,
  ...routeToolsDescriptions,
  ...declaredDescriptions,
  ...jobDescriptions,
  ...reconcileDescriptions,
  ...testClockDescriptions,
  ...syncDescriptions,
  ...mailDescriptions,
  ...paperDescriptions,
  ...exportDescriptions,
  ...methodDescriptions,
  ...paymentDescriptions,
  ...pricePreviewDescriptions,
  ...providerDescriptions,
  ...session,
  ...modules,
  'POST /api/mcp': {
    id: 'exchange_mcp_message',
    tag: 'Agents',
    summary: 'One message of the Model Context Protocol: every action of every module as a tool',
    body: {
      content: { 'application/json': { type: 'object', additionalProperties: true } },
      example: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      isRequired: true,
    },
    answers: {
      200: { description: 'The answer', schema: { type: 'object', additionalProperties: true } },
      202: { description: 'Taken; nothing is answered to a notification' },
    },
  },
  ...siteDescriptions,
  'GET /ui': page('get_ui', 'The pages of operators'),
  'GET /ui/*': page('get_ui_page', 'A page of operators'),
  'GET /portal': page('get_portal', 'The pages of customers'),
  'GET /portal/*': page('get_portal_page', 'A page of customers'),
  'GET /assets/app/:file': {
    id: 'get_page_file',
    tag: 'Pages',
    summary: 'A script or a style of the pages; its name changes with its content',
    answers: { 200: { description: 'A file', schema: text, contentType: 'text/javascript' } },
    errors: ['not_found'],
  },
  'GET /assets/icon.svg': {
    id: 'get_icon',
    tag: 'Pages',
    summary: 'The icon of the pages',
    answers: { 200: { description: 'SVG', schema: text, contentType: 'image/svg+xml' } },
    errors: ['not_found'],
  },
  'GET /assets/theme.js': {
    id: 'get_theme_script',
    tag: 'Pages',
    summary: 'Chooses light or dark before a page is painted',
    answers: { 200: { description: 'A script', schema: text, contentType: 'text/javascript' } },
    errors: ['not_found'],
  },
  'GET /assets/base.css': {
    id: 'get_styles',
    tag: 'Pages',
    summary: 'The styles of the pages',
    answers: { 200: { description: 'CSS', schema: text, contentType: 'text/css' } },
  },
  'GET /openapi.json': document('get_openapi_json', 'application/json'),
  'GET /openapi.yaml': document('get_openapi_yaml', 'application/yaml'),
}
