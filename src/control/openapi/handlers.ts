import { createHash } from 'node:crypto'
import { Fault } from '#contract/outcome.ts'
import { emptyAnswer } from '#core/channel/http/answer.ts'
import { isNotModified } from '#core/channel/http/preconditions.ts'
import { nameOperations, openApiDocument } from '#core/channel/openapi/document.ts'
import { documentText } from '#core/channel/openapi/document-text.ts'
import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import type { Security } from '#core/channel/openapi/operation.ts'
import type { Engine } from '#core/engine.ts'
import type { Who } from '#domain/access/rules.ts'
import { doors } from '../guard.ts'
import type { ControlHandler, GuardedRoute } from '../route-table.ts'
import { descriptions } from './descriptions.ts'
import { inReadingOrder } from './reading-order.ts'

/** The API document in the forms in which it is given out. */
export interface ApiDocuments {
  /** Everything that answers: for operators. */
  readonly whole: JsonObject
  /** What is open to everyone. */
  readonly open: JsonObject
  /** What people reach with an account, for the documentation: no page, and nothing of operators. */
  readonly customers: JsonObject
}

/**
 * Describes what answers; throws when an address has no description, a description no address, or two addresses one name. A document
 * is written when it is first asked for, which most processes never are.
 */
export function apiDocuments(
  routes: readonly GuardedRoute[],
  facts: { readonly version: string; readonly modules: Engine['modules'] },
): ApiDocuments {
  const addresses = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  const stray = Object.keys(descriptions).find((address) => !addresses.has(address))
  if (stray !== undefined) throw new Fault('internal_error', `"${stray}" is described and does not answer`)
  const documented = routes.map((route) => ({ ...route, security: securityOf(route.who) }))
  const parts = { ...facts, described: descriptions }
  nameOperations({ ...parts, routes: documented })
  const written = new Map<keyof ApiDocuments, JsonObject>()
  const once = (part: keyof ApiDocuments, write: () => JsonObject): JsonObject => {
    const document = written.get(part) ?? write()
    written.set(part, document)
    return document
  }
  const open = documented.filter(({ security }) => security === 'none')
  return {
    get whole() {
      return once('whole', () => openApiDocument({ ...parts, routes: documented }))
    },
    get open() {
      return once('open', () => openApiDocument({ ...parts, routes: open }))
    },
    get customers() {
      const write = () => {
        const document = withoutOperators(openApiDocument({ ...parts, routes: customerRoutes(documented) }))
        return inReadingOrder(document, Object.keys(descriptions))
      }
      return once('customers', write)
    },
  }
}

const memberRoles = new Set(['role:member', 'role:admin', 'role:owner', 'self_or_admin'])

/** An address of accounts, or of a module's action that some member may do. */
function isForCustomers({ path, who, operation }: GuardedRoute): boolean {
  if (operation !== undefined)
    return !operation.isNamed && operation.action.auth.some((one) => memberRoles.has(one))
  return (
    path.startsWith('/api/v1/') &&
    !path.includes('impersonation') &&
    !path.startsWith('/api/v1/webhooks/') &&
    who !== 'operator' &&
    who !== 'superadmin'
  )
}

/** What both operators and members may call is told as members call it. */
const customerRoutes = <Route extends GuardedRoute & { readonly security: Security }>(
  routes: readonly Route[],
): Route[] =>
  routes
    .filter(isForCustomers)
    .map((route) => ({ ...route, security: route.security === 'none' ? 'none' : 'person' }))

/** A document without the ways in which operators sign in. */
function withoutOperators(document: JsonObject): JsonObject {
  const components = document['components'] as JsonObject
  const { personToken, personSession } = components['securitySchemes'] as JsonObject
  return { ...document, components: { ...components, securitySchemes: { personToken, personSession } } }
}

function securityOf(who: Who): Security {
  if (who === 'anyone' || who === 'visitor' || who === 'guest') return 'none'
  return doors[who]
}

type Form = 'json' | 'yaml'

/** `GET /openapi.json` and `.yaml`: the whole document for operators, the open part for everyone else. */
export function openApiHandlers(documents: () => ApiDocuments): Readonly<Record<string, ControlHandler>> {
  const known = new Map<string, { readonly text: string; readonly etag: string }>()
  const textOf = (part: keyof ApiDocuments, form: Form) => {
    const key = `${part}.${form}`
    const kept = known.get(key)
    if (kept !== undefined) return kept
    const text = documentText(documents()[part], form)
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
    known.set(key, { text, etag })
    return { text, etag }
  }
  const answer =
    (form: Form): ControlHandler =>
    ({ operator, request }) => {
      const { text, etag } = textOf(operator === undefined ? 'open' : 'whole', form)
      const headers = { etag, 'cache-control': 'private, no-cache', vary: 'Authorization, Cookie' }
      if (isNotModified(request.headers.get('if-none-match'), etag)) return emptyAnswer(304, headers)
      const type = `application/${form}${form === 'json' ? '; charset=utf-8' : ''}`
      return new Response(text, { headers: { ...headers, 'content-type': type } })
    }
  return { 'GET /openapi.json': answer('json'), 'GET /openapi.yaml': answer('yaml') }
}
