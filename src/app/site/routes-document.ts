import type { PublishedRoute } from './published-routes.ts'

type Json = Readonly<Record<string, unknown>>

/** What a document of the published routes says besides them. */
export interface DocumentFacts {
  readonly title: string
  readonly description: string
  /** Where the API answers. */
  readonly url: string
}

/** The OpenAPI 3.1 document of the published routes; of two routes at one address and method the first counts. */
export function routesDocument(routes: readonly PublishedRoute[], facts: DocumentFacts): Json {
  const paths = new Map<string, Record<string, unknown>>()
  const ids = new Set<string>()
  for (const route of routes) {
    const item = paths.get(route.path) ?? itemOf(route)
    for (const method of route.methods) {
      const verb = method.toLowerCase()
      if (!verbs.has(verb) || Object.hasOwn(item, verb)) continue
      const id = idOf(route, verb, ids)
      item[verb] = operationOf(route, method, id)
    }
    paths.set(route.path, item)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: facts.title,
      version: '1',
      ...(facts.description === '' ? {} : { description: facts.description }),
    },
    servers: [{ url: facts.url }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      responses: refusals,
    },
  }
}

const verbs = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch'])

function itemOf({ parameters, isPrefix, host }: PublishedRoute): Record<string, unknown> {
  return {
    ...(host === '' ? {} : { servers: [{ url: `https://${host}` }] }),
    ...(parameters.length === 0
      ? {}
      : {
          parameters: parameters.map((name) => ({
            name,
            in: 'path',
            required: true,
            schema: { type: 'string' },
            ...(isPrefix ? { description: 'The rest of the path; it may hold slashes' } : {}),
          })),
        }),
  }
}

function operationOf(route: PublishedRoute, method: string, id: string): Json {
  const body = Object.hasOwn(route.bodies, method) ? route.bodies[method] : undefined
  const codes = route.needsKey ? ['401', '402', '403', '404', '429', '502'] : ['404', '429', '502']
  const scopes = route.scopes.length === 0 ? '' : `The key needs: ${route.scopes.join(', ')}.`
  return {
    operationId: id,
    summary: route.description === '' ? route.name : route.description,
    ...(scopes === '' ? {} : { description: scopes }),
    security: route.needsKey ? [{ bearer: [] }, { header: [] }] : [],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isRequired,
            // With an id of its own, so that its `#/$defs` stay within it.
            content: { 'application/json': { schema: { $id: `urn:apigate:body:${id}`, ...body.schema } } },
          },
        }),
    responses: {
      default: { description: 'What the API answers' },
      ...Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/responses/Refused${code}` }])),
    },
  }
}

function idOf({ name }: PublishedRoute, verb: string, ids: Set<string>): string {
  const plain = `${verb}_${name.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_|_$/g, '')}`
  let id = plain
  for (let count = 2; ids.has(id); count++) id = `${plain}_${count}`
  ids.add(id)
  return id
}

const refusalSchema = {
  type: 'object',
  required: ['success', 'error'],
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      required: ['type', 'code', 'message', 'request_id'],
      properties: {
        type: { type: 'string' },
        code: { type: 'string' },
        message: { type: 'string' },
        details: { type: 'object' },
        request_id: { type: 'string' },
        docs_url: { type: 'string' },
      },
    },
  },
}

const refusals = Object.fromEntries(
  Object.entries({
    401: 'The key is missing, wrong, expired or revoked',
    402: 'The quota of the month is used up, or a payment is due',
    403: 'The key may not call this',
    404: 'There is nothing at this address',
    429: 'Too many requests; Retry-After says when to come back',
    502: 'The service behind this address did not answer',
  }).map(([code, description]) => [
    `Refused${code}`,
    { description, content: { 'application/json': { schema: refusalSchema } } },
  ]),
)
