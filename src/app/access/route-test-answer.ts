import type { PlanRow, RouteRow } from '#contract/rows.gen.ts'
import type { Price } from '#domain/pricing/price.ts'
import { storedPrice } from '#domain/pricing/read-price.ts'
import type { AskedRequest, RequestPreview } from '#ports/request-preview.ts'
import type { ExplainedRoute } from './explain-routes.ts'

/** What would become of a request; plain data, ready for JSON. */
export interface RouteTest {
  readonly request: { readonly method: string; readonly host: string | null; readonly path: string | null }
  /** Why it would be refused, or null. */
  readonly refusal: { readonly type: string; readonly message: string } | null
  readonly route: {
    readonly id: string
    readonly name: string
    readonly match_type: string
    readonly path_pattern: string
    readonly priority: number
    /** No key, no plan, no bill. */
    readonly public: boolean
  } | null
  readonly captures: Readonly<Record<string, string>>
  /** Whether the body is as the route's request_schema wants it; null where that says nothing about the method. */
  readonly fits_schema: boolean | null
  readonly upstream: {
    readonly name: string
    readonly method: string
    /** One for each target. */
    readonly urls: readonly string[]
    /** Names of headers, in lower case: only there for the upstream, with another value, only sent by the client. */
    readonly headers: Readonly<Record<'added' | 'replaced' | 'removed', readonly string[]>>
    /** What a transform makes of the body; null where it is sent as it is. */
    readonly body: string | null
  } | null
  readonly caller: {
    readonly key_id: string
    readonly organization_id: string
    readonly user_id: string | null
    readonly subscription_id: string
    readonly plan: {
      readonly id: string
      readonly name: string
      /** null = unlimited. */
      readonly rate_limit_per_minute: number | null
      readonly rate_limit_scope: string
      readonly requests_per_month: number | null
      readonly quota_mode: string
    }
  } | null
  readonly cost: RequestCost | null
  /** The nearest routes that are not the one, and why. */
  readonly runners_up: readonly {
    readonly id: string
    readonly name: string
    readonly path_pattern: string
    readonly reasons: readonly string[]
  }[]
  /** How many more there are. */
  readonly more_runners_up: number
}

/** What one call costs. */
interface RequestCost {
  /** null where it depends on the answer. */
  readonly units: number | null
  /** The most that it can cost. */
  readonly most_units: number | null
  /** Answers with this status or a higher one cost nothing; null where the caller is not known. */
  readonly free_from_status: number | null
  /** Units of a month in the plan's price; null = unlimited, or the caller is not known. */
  readonly included_units: number | null
  /** What becomes of a unit past those. */
  readonly beyond: 'billed' | 'refused' | 'free' | null
  /** A decimal in the major unit of the currency, of a unit that is billed. */
  readonly unit_price: string | null
  readonly currency: string | null
}

const mostRunnersUp = 10

/** Puts together what is known of a request. */
export function routeTestAnswer(facts: {
  readonly asked: AskedRequest
  readonly preview: RequestPreview
  readonly explained: readonly ExplainedRoute[]
  readonly route: RouteRow | undefined
  readonly plan: PlanRow | undefined
}): RouteTest {
  const { asked, preview, route, explained } = facts
  const { refusal } = preview
  return {
    request: {
      method: asked.method,
      host: preview.asked?.host || null,
      path: preview.asked?.path ?? null,
    },
    refusal: refusal === undefined ? null : { type: refusal.code, message: refusal.message },
    route: route === undefined ? null : routeAnswer(route),
    captures: preview.captures,
    fits_schema: preview.fitsSchema ?? null,
    upstream: upstreamAnswer(asked, preview),
    caller: callerAnswer(preview),
    cost: route === undefined ? null : costOf(route, facts.plan),
    runners_up: explained.slice(0, mostRunnersUp).map(({ row, reasons }) => ({
      id: row.id,
      name: row.name,
      path_pattern: row.path_pattern,
      reasons,
    })),
    more_runners_up: Math.max(0, explained.length - mostRunnersUp),
  }
}

const routeAnswer = (row: RouteRow): RouteTest['route'] => ({
  id: row.id,
  name: row.name,
  match_type: row.match_type,
  path_pattern: row.path_pattern,
  priority: row.priority,
  public: !row.auth_required,
})

/** How a body is framed is a matter of each connection. */
const framing = new Set(['connection', 'content-length', 'transfer-encoding'])

function upstreamAnswer(asked: AskedRequest, { forwarded, route }: RequestPreview): RouteTest['upstream'] {
  if (forwarded === undefined || route === undefined) return null
  const sent = byName(asked.headers)
  const passed = byName(forwarded.headers)
  const names = [...new Set([...sent.keys(), ...passed.keys()])].filter((name) => !framing.has(name)).sort()
  return {
    name: route.upstream.name,
    method: forwarded.method,
    urls: forwarded.urls,
    body: forwarded.body,
    headers: {
      added: names.filter((name) => !sent.has(name)),
      replaced: names.filter(
        (name) => sent.has(name) && passed.has(name) && sent.get(name) !== passed.get(name),
      ),
      removed: names.filter((name) => !passed.has(name)),
    },
  }
}

function byName(headers: AskedRequest['headers']): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = values.get(lower)
    values.set(lower, before === undefined ? value.trim() : `${before}, ${value.trim()}`)
  }
  return values
}

const limited = (count: number): number | null => (count < 0 ? null : count)

function callerAnswer({ caller }: RequestPreview): RouteTest['caller'] {
  if (caller === undefined) return null
  const { key, subscription, plan } = caller
  return {
    key_id: key.id,
    organization_id: key.organizationId,
    user_id: key.userId,
    subscription_id: subscription.id,
    plan: {
      id: plan.id,
      name: plan.name,
      rate_limit_per_minute: limited(plan.rateLimitPerMinute),
      rate_limit_scope: plan.rateLimitScope,
      requests_per_month: limited(plan.requestsPerMonth),
      quota_mode: plan.quotaMode,
    },
  }
}

const beyond = { hard: 'refused', soft: 'billed', warn: 'free' } as const

function costOf(route: RouteRow, plan: PlanRow | undefined): RequestCost {
  const units = unitsOf(route)
  const unknown = {
    free_from_status: null,
    included_units: null,
    beyond: null,
    unit_price: null,
    currency: null,
  }
  if (plan === undefined || !route.auth_required) return { ...units, ...unknown }
  const price = storedPrice(plan)
  const includedUnits = price.model === 'flat' ? price.includedUnits : null
  const unitMicros = unitMicrosOf(price, plan)
  return {
    ...units,
    free_from_status: plan.billable_below_status,
    included_units: includedUnits,
    beyond: includedUnits === null ? null : beyond[plan.quota_mode],
    unit_price: unitMicros === null ? null : decimal(unitMicros),
    currency: unitMicros === null ? null : price.currency,
  }
}

/** The one price of a further unit, where there is one. */
function unitMicrosOf(price: Price, plan: PlanRow): bigint | null {
  if (price.model === 'per_unit') return price.unitMicros
  const isBilled = price.model === 'flat' && price.includedUnits !== null && plan.quota_mode === 'soft'
  return isBilled ? price.overageUnitMicros : null
}

function unitsOf(route: RouteRow): Pick<RequestCost, 'units' | 'most_units'> {
  if (!route.auth_required) return { units: 0, most_units: 0 }
  const isFixed = route.metering_mode === 'request' && /^\d{1,12}$/.test(route.metering_expr.trim())
  if (!isFixed) return { units: null, most_units: route.metering_max }
  const units = Number(route.metering_expr)
  return { units, most_units: units }
}

/** Micro-units of the major unit as a decimal text: 500 is "0.0005". */
function decimal(micros: bigint): string {
  const digits = String(micros).padStart(7, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '')
}
