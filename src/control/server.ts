import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Impersonation } from '#app/account/person.ts'
import { type AuditActor, auditActorOf } from '#contract/audit.ts'
import { errors } from '#contract/errors.ts'
import { Fault, type Refusal, refuse } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { mayWhileImpersonating } from '#domain/access/impersonation.ts'
import { rules } from '#domain/access/rules.ts'
import { addressBlock } from '#domain/address-block.ts'
import { createPrincipalOf, type Principal } from './actor.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'
import { beginExchange, type Exchange, endExchange, secured } from './exchange.ts'
import { createGuard, type Guard } from './guard.ts'
import { createLive, type Live } from './live/live.ts'
import { createLiveGuard } from './live/live-guard.ts'
import { missingPage } from './pages/missing-page.ts'
import type { GuardedRoute } from './route-table.ts'
import { controlRoutes } from './routes.ts'
import { createTooMany, type TooMany } from './too-many.ts'

/** The doors for people and machines. */
export interface ControlPlane {
  /** Answers requests; its `upgrade` takes those that leave HTTP. */
  readonly handle: {
    (incoming: IncomingMessage, outgoing: ServerResponse): void
    readonly upgrade: Live['upgrade']
  }
  /** Tells every live client that the server stops. */
  closeLive(): void
  /** Every address and who it answers. */
  readonly routes: readonly GuardedRoute[]
}

const inTheirPlace = refuse('forbidden', 'An operator who acts as somebody may not do this in their place')

interface Environment {
  Bindings: { exchange: Exchange }
}

/** Builds the control plane; throws when an address has no rule or a rule no handler. */
export function createControlPlane(deps: ControlPlaneDependencies): ControlPlane {
  const routes = controlRoutes(deps)
  const guard = createGuard({
    principalOf: createPrincipalOf({
      authenticateOperator: deps.authenticate,
      authenticatePerson: deps.accounts.authenticate,
      isSecure: deps.isSecure,
    }),
    clientAddress: deps.clientAddress,
    isMetricsPublic: deps.isMetricsPublic,
    metrics: deps.metrics,
  })
  const tooMany = createTooMany(deps)
  const app = createApp(deps, routes, guard, tooMany)
  const listener = getRequestListener(
    async (request, bindings) => {
      const exchange = beginExchange(deps, (bindings as { incoming: IncomingMessage }).incoming)
      const crowded = tooMany(`address ${addressBlock(exchange.origin.ip)}`)
      const answer =
        (crowded && refusalAnswer(crowded, exchange.requestId)) ??
        deps.crossOrigin.preflight(request) ??
        (await deps.withOrigin(exchange.origin, () => app.fetch(request, { exchange })))
      return endExchange(deps, exchange, deps.crossOrigin.allow(request, answer))
    },
    { overrideGlobalObjects: false, errorHandler: (error) => unansweredAnswer(deps, error) },
  )
  const live = createLive(
    { ...deps, tooMany },
    {
      records: createLiveGuard(guard, rules['module subscriptions']),
      requests: createLiveGuard(guard, rules['GET /ws/admin/requests']),
    },
  )
  return {
    handle: Object.assign(
      (incoming: IncomingMessage, outgoing: ServerResponse) => void listener(incoming, outgoing),
      { upgrade: live.upgrade },
    ),
    closeLive: live.close,
    routes,
  }
}

/** The answer where none could be composed: most of all to a request of which not even an address can be made. */
function unansweredAnswer(deps: ControlPlaneDependencies, error: unknown): Response {
  const requestId = deps.ids.next('req')
  if (error instanceof RequestError) {
    const refusal = refuse('invalid_request', 'The request line or the Host header is malformed')
    return secured(refusalAnswer(refusal, requestId), requestId, false)
  }
  deps.log.error({ request_id: requestId, error }, 'an answer failed')
  const failure = { code: 'internal_error', message: errors.internal_error.title } as const
  return secured(refusalAnswer(failure, requestId), requestId, false)
}

function createApp(
  deps: ControlPlaneDependencies,
  routes: readonly GuardedRoute[],
  guard: Guard,
  tooMany: TooMany,
): Hono<Environment> {
  const app = new Hono<Environment>({ strict: false })
  for (const route of routes)
    app.on(route.method, route.path, (context) => run({ ...deps, tooMany }, guard, route, context))
  for (const [path, allow] of allowedMethods(routes)) {
    app.all(path, ({ env: { exchange } }) => {
      exchange.route = path
      const refusal = refuse('method_not_allowed', `This address answers ${allow}`)
      return refusalAnswer(refusal, exchange.requestId, { allow })
    })
  }
  app.notFound(async ({ env, req }) => {
    const { requestId } = env.exchange
    const refusal = refuse('not_found', `Nothing at ${shortened(req.path)}`)
    return (await missingPage(deps, req.raw, requestId)) ?? refusalAnswer(refusal, requestId)
  })
  app.onError((error, { env }) => failureAnswer(deps, error, env.exchange))
  return app
}

async function run(
  deps: ControlPlaneDependencies & { readonly tooMany: TooMany },
  guard: Guard,
  route: GuardedRoute,
  context: Context<Environment>,
): Promise<Response> {
  const { exchange } = context.env
  exchange.route = route.path
  const known = await guard(route.who, context.req.raw, exchange.incoming, (principal) => {
    const { operator, person } = partsOf(principal)
    const actor = operator?.actor ?? person?.actor
    exchange.actorId = actor?.id ?? person?.userId
    exchange.impersonatedBy = person?.impersonation?.operatorId
    if (actor !== undefined) exchange.origin.actor = auditActorOf(actor)
  })
  const crowded = exchange.actorId === undefined ? undefined : deps.tooMany(`principal ${exchange.actorId}`)
  if (crowded !== undefined) return refusalAnswer(crowded, exchange.requestId)
  const parameters = context.req.param()
  const { operator, person } = partsOf(known.ok ? known.value : undefined)
  const closed = person?.impersonation && closedTo(person.impersonation, route)
  const answer =
    known.ok && closed === undefined
      ? await route.handle({
          actor: operator?.actor ?? person?.actor ?? { kind: 'anonymous' },
          operator,
          person,
          requestId: exchange.requestId,
          request: context.req.raw,
          path: context.req.path,
          parameters,
          incoming: exchange.incoming,
        })
      : refusalAnswer(closed ?? (known as Refusal), exchange.requestId)
  if (answer.status === 403 && exchange.origin.actor !== undefined)
    await keepRefusal(deps, exchange, exchange.origin.actor, parameters)
  return answer
}

/** The refusal of what an operator may not do in somebody's place. */
function closedTo(impersonation: Impersonation, route: GuardedRoute): Refusal | undefined {
  const isOfModule = route.operation !== undefined
  return mayWhileImpersonating({ ...route, isOfModule }, impersonation.isReadOnly) ? undefined : inTheirPlace
}

/** Whoever is known and tries what they may not do is remembered with it. */
function keepRefusal(
  { engine }: ControlPlaneDependencies,
  { incoming, route, requestId }: Exchange,
  actor: AuditActor,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  return engine.audit.note({
    actor,
    action: `${incoming.method} ${route}`,
    outcome: 'forbidden',
    ...(parameters['id'] === undefined ? {} : { recordId: shortened(parameters['id']) }),
    requestId,
  })
}

const partsOf = (known: Principal | undefined) => ({
  operator: known?.kind === 'operator' ? known.operator : undefined,
  person: known?.kind === 'person' ? known.person : undefined,
})

function allowedMethods(routes: readonly GuardedRoute[]): ReadonlyMap<string, string> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? []
    known.push(...(method === 'GET' ? ['GET', 'HEAD'] : [method]))
    methods.set(path, known)
  }
  return new Map([...methods].map(([path, known]) => [path, known.join(', ')]))
}

/** A failure is told by its code alone; what happened stands in the log under the request id. */
function failureAnswer(deps: ControlPlaneDependencies, error: unknown, exchange: Exchange): Response {
  const { requestId, route, incoming } = exchange
  if (incoming.destroyed && !incoming.complete) {
    deps.log.debug({ request_id: requestId, route }, 'the client left before its request was complete')
    return refusalAnswer(refuse('invalid_request', 'The request is incomplete'), requestId)
  }
  deps.log.error({ request_id: requestId, route, error }, 'a request failed')
  const code = error instanceof Fault ? error.code : 'internal_error'
  return refusalAnswer({ code, message: errors[code].title }, requestId)
}
