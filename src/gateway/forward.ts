import { refuse } from '#contract/outcome.ts'
import type { GatewaySettings } from '#ports/snapshot.ts'
import type { ResponseCache } from './cache/response-cache.ts'
import type { Call } from './call.ts'
import { Forwarding, type ForwardingDeps } from './forwarding.ts'
import { createHeadQueue } from './head-queue.ts'
import { answerChange, needsRequestBody, type Outgoing, outgoingRequest } from './outgoing.ts'
import type { Pools } from './pools.ts'
import { type HeldBody, mostHeldBytes, plainBody } from './transform/body.ts'
import type { TransformFailure } from './transform/evaluate.ts'
import type { UpgradeOffer, UpstreamExchange, UpstreamListener, UpstreamRequest } from './upstream/types.ts'
import {
  type ForwardFacts,
  repeatedHeaderLines,
  type TrustsPeer,
  upstreamHeaderLines,
  upstreamTarget,
} from './upstream-request.ts'
import { checkBody, isBodyless, mostCheckedBytes, refusedUnread } from './validate/check-body.ts'
import { fieldValue } from './wire/field-value.ts'

/** Sends admitted requests to their upstream and brings the answer back, streaming both ways where nothing has to be whole. */
export interface Forwarder {
  forward(call: Call, facts: ForwardFacts, settings: GatewaySettings, upgrading?: Upgrading): void
}

/** What offers an upstream another protocol, and takes the exchange over when it agrees. */
export interface Upgrading {
  readonly offer: UpgradeOffer
  /** What the exchange tells instead of the forwarding, which goes on to hear what does not concern the upgrade. */
  listen(forwarding: UpstreamListener): UpstreamListener
  begin(exchange: UpstreamExchange): void
}

/** What forwarding needs. */
export interface ForwardDeps extends Omit<ForwardingDeps, 'heads'> {
  readonly pools: Pools
  readonly cache: ResponseCache
  readonly trustsPeer: TrustsPeer
}

/** Creates the forwarder of one gateway process. */
export function createForwarder(given: ForwardDeps): Forwarder {
  const deps = { ...given, heads: createHeadQueue() }

  /** `held` is the client's whole body, where it was waited for. */
  function send(
    forwarding: Forwarding,
    outgoing: Outgoing | TransformFailure,
    settings: GatewaySettings,
    held: Buffer | null,
    upgrading?: Upgrading,
  ): void {
    if (!outgoing.ok) {
      forwarding.failTransform(outgoing)
      return
    }
    const { call } = forwarding
    const { facts } = outgoing
    const { pool, basePath, host } = deps.pools.door(call.route.upstream)
    const target = upstreamTarget(call.route, basePath, facts)
    if (!target.ok) {
      forwarding.fail(target)
      return
    }
    const body = outgoing.body ?? held
    const repeated = repeatedHeaderLines(call, facts, host, settings, deps.trustsPeer)
    const request: UpstreamRequest = {
      method: call.route.methodOverride ?? call.inbound.method,
      target: target.value,
      fixedLines: repeated?.fixedLines,
      headers: repeated?.headers ?? upstreamHeaderLines(call, facts, host, settings, deps.trustsPeer),
      body: body === null ? facts.head.body : body.length,
      timeoutMs: call.route.upstream.timeoutMs,
      wantsTrailers: facts.head.wantsTrailers,
    }
    const path = target.value.slice(basePath.length)
    const exchange = open(() =>
      upgrading === undefined
        ? deps.cache.send(pool, request, forwarding, { call, path })
        : pool.send({ ...request, upgrade: upgrading.offer }, upgrading.listen(forwarding)),
    )
    if (exchange !== undefined) upgrading?.begin(exchange)
    if (exchange === undefined)
      forwarding.fail(refuse('invalid_request', 'The request holds characters that cannot be forwarded'))
    else if (body !== null) forwarding.beginWhole(exchange, body)
    else
      forwarding.begin(exchange, facts.head.body !== 'none' && facts.head.body !== 0, settings.maxBodyBytes)
  }

  /** Goes on with a body that is all there, and fits. */
  function transformHeld(
    forwarding: Forwarding,
    facts: ForwardFacts,
    settings: GatewaySettings,
    held: HeldBody,
  ): void {
    const { call } = forwarding
    if (!needsRequestBody(call, facts)) {
      send(forwarding, outgoingRequest(call, facts, null), settings, held.take())
      return
    }
    plainBody(held, fieldValue(facts.head.fields, 'content-encoding'), 'request_transform', (plain) => {
      if (forwarding.isOver) return
      const outgoing = plain.ok ? outgoingRequest(call, facts, plain.body) : plain
      send(forwarding, outgoing, settings, held.take())
    })
  }

  return {
    forward(call, facts, settings, upgrading) {
      const forwarding = new Forwarding(deps, call, answerChange(call, facts))
      const { head } = facts
      const rule = call.route.bodyRules?.get(call.inbound.method)
      const unread = rule === undefined ? undefined : refusedUnread(rule, head)
      if (unread !== undefined) {
        forwarding.fail(unread)
        return
      }
      const isChecked = rule !== undefined && !isBodyless(head)
      if (!isChecked && !needsRequestBody(call, facts)) {
        send(forwarding, outgoingRequest(call, facts, null), settings, null, upgrading)
        return
      }
      const most = Math.min(settings.maxBodyBytes, isChecked ? mostCheckedBytes : mostHeldBytes)
      forwarding.hold(most, (held) => {
        if (!isChecked) transformHeld(forwarding, facts, settings, held)
        else
          checkBody(rule, head, held.take(), (refusal) => {
            if (forwarding.isOver) return
            if (refusal !== undefined) forwarding.fail(refusal)
            else transformHeld(forwarding, facts, settings, held)
          })
      })
    },
  }
}

// The client refuses, by throwing, whatever would let one request look like two to the upstream.
function open(send: () => UpstreamExchange): UpstreamExchange | undefined {
  try {
    return send()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
