import { reference } from '#core/channel/openapi/json-schema.ts'
import type { DescribedOperation } from '#core/channel/openapi/operation.ts'
import { text } from './shapes.ts'

/** An address that answers with a page. */
export const page = (id: string, summary: string): DescribedOperation => ({
  id,
  tag: 'Pages',
  summary,
  answers: { 200: { description: 'A page', schema: text, contentType: 'text/html' } },
})

const plain = (id: string, summary: string, contentType = 'text/plain'): DescribedOperation => ({
  id,
  tag: 'Pages',
  summary,
  answers: { 200: { description: 'Text', schema: text, contentType } },
})

const document = (id: string, summary: string): DescribedOperation => ({
  id,
  tag: 'API document',
  summary,
  answers: {
    200: { description: 'OpenAPI 3.1', schema: { type: 'object', additionalProperties: true } },
  },
})

/** The addresses of the public pages in the document. */
export const siteDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /': {
    id: 'get_landing_page',
    tag: 'Pages',
    summary: 'The landing page, unless a route claims its path',
    answers: {
      200: { description: 'A page', schema: text, contentType: 'text/html' },
      302: {
        description: 'To the portal, where the landing page is switched off',
        headers: { Location: reference('headers', 'Location') },
      },
    },
  },
  'GET /docs': page('get_docs', 'The quickstart, with the addresses of this instance'),
  'GET /docs/authentication': page('get_docs_authentication', 'How requests say who they are from'),
  'GET /docs/plans': page('get_docs_plans', 'What each plan includes and costs'),
  'GET /docs/limits': page('get_docs_limits', 'Rate limits and quotas, and their headers'),
  'GET /docs/errors': page('get_error_reference', 'Every error, by its type'),
  'GET /docs/requests': page('get_docs_requests', 'Idempotency and pagination'),
  'GET /docs/webhooks': page('get_docs_webhooks', 'What is sent when something happens'),
  'GET /docs/clients': page('get_docs_clients', 'Clients of the published routes, and how they are used'),
  'GET /docs/client.mjs': plain(
    'get_javascript_client',
    'A client of the published routes for JavaScript',
    'text/javascript',
  ),
  'GET /docs/client.py': plain(
    'get_python_client',
    'A client of the published routes for Python',
    'text/x-python',
  ),
  'GET /docs/api': page('get_api_reference', 'Everything that a key opens'),
  'GET /docs/platform': page('get_platform_reference', 'What people reach with an account'),
  'GET /docs/search': {
    ...page('search_docs', 'Parts of the documentation in which words stand'),
    parameters: [{ name: 'q', in: 'query', schema: text, description: 'Words' }],
  },
  'GET /docs/openapi.json': document('get_routes_document', 'The published routes as an OpenAPI document'),
  'GET /docs/platform.json': document('get_platform_document', 'What people reach with an account'),
  'GET /docs/llms.txt': plain('get_docs_llms', 'The documentation for programs that read text'),
  'GET /llms.txt': plain('get_llms', 'The same, unless a route claims its path'),
  'GET /assets/site.js': {
    id: 'get_site_script',
    tag: 'Pages',
    summary: 'Copying, searching and trying out on the public pages',
    answers: { 200: { description: 'A script', schema: text, contentType: 'text/javascript' } },
    errors: ['not_found'],
  },
}
