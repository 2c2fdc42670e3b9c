import type { IncomingMessage } from 'node:http'
import type { AuthenticatedPerson } from '#app/account/person.ts'
import type { AuthenticatedOperator } from '#app/identity/authenticate-operator.ts'
import { Fault } from '#contract/outcome.ts'
import type {
  ChannelRequest,
  ChannelRoute,
  HttpMethod,
  RecordOperation,
} from '#core/channel/http/channel-route.ts'
import type { DescribedOperation } from '#core/channel/openapi/operation.ts'
import type { Who } from '#domain/access/rules.ts'

/** A request that passed its rule. Of `operator` and `person` the one is there that the rule asks for, never both. */
export interface ControlRequest extends ChannelRequest {
  readonly incoming: IncomingMessage
  readonly operator: AuthenticatedOperator | undefined
  readonly person: AuthenticatedPerson | undefined
}

/** Answers one address of the control plane. */
export type ControlHandler = (asked: ControlRequest) => Response | Promise<Response>

/** An address with the rule that guards it. */
export interface GuardedRoute {
  readonly method: HttpMethod
  readonly path: string
  readonly who: Who
  readonly handle: ControlHandler
  /** Undefined for an address that is not made from a module. */
  readonly operation?: RecordOperation
  /** Its entry in the API document, where it brings one along. */
  readonly described?: DescribedOperation
  /** True for a second name of an address that is described already. */
  readonly isAlias?: boolean
}

const ruleForm = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)$/

/** Collects handlers under their rules; there is no other way for a handler to become reachable. */
export interface RouteTable {
  /** Puts a handler under the rule named like its address. */
  mount(rule: string, handle: ControlHandler): void
  /** Puts several addresses under one rule that is not an address itself. */
  mountAll(rule: string, routes: readonly ChannelRoute[]): void
  /** All of them; throws when a rule was left without a handler. */
  finish(): readonly GuardedRoute[]
}

/** Starts a table over the given rules. */
export function createRouteTable(rules: Readonly<Record<string, Who>>): RouteTable {
  const unused = new Set(Object.keys(rules))
  const routes = new Map<string, GuardedRoute>()

  const whoOf = (rule: string): Who => {
    const who = Object.hasOwn(rules, rule) ? rules[rule] : undefined
    if (who === undefined) throw new Fault('internal_error', `the handler of "${rule}" has no rule`)
    if (!unused.delete(rule)) throw new Fault('internal_error', `the rule "${rule}" has two handlers`)
    return who
  }
  const add = (route: GuardedRoute): void => {
    const address = `${route.method} ${route.path}`
    if (routes.has(address)) throw new Fault('internal_error', `"${address}" has two handlers`)
    routes.set(address, route)
  }

  return {
    mount(rule, handle) {
      const who = whoOf(rule)
      const [, method, path] = ruleForm.exec(rule) ?? []
      if (method === undefined || path === undefined) {
        throw new Fault('internal_error', `the rule "${rule}" is not an address`)
      }
      add({ method: method as HttpMethod, path, who, handle })
    },
    mountAll(rule, many) {
      const who = whoOf(rule)
      for (const route of many) add({ ...route, who })
    },
    finish() {
      const [first] = unused
      if (first !== undefined) throw new Fault('internal_error', `the rule "${first}" has no handler`)
      return [...routes.values()]
    },
  }
}
