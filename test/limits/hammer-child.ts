import { parentPort, workerData } from 'node:worker_threads'
import type { LimitRule } from '#domain/limit/limit-rule.ts'
import { monthOf } from '#domain/period.ts'
import { openLimitTable } from '#gateway/limits/limit-table.ts'
import { createPolicies } from '#gateway/limits/policies.ts'
import { quotaAccount } from '#gateway/limits/quota-account.ts'

/** What every thread of the test is told. */
export interface HammerOrder {
  readonly buffer: SharedArrayBuffer
  readonly workerNumber: number
  /** Threads that are ready, and then the sign to begin. */
  readonly gate: SharedArrayBuffer
  readonly workers: number
  readonly attempts: number
  readonly nowMs: number
  /** undefined hammers the quota instead. */
  readonly rule: LimitRule | undefined
  readonly quota: { readonly units: number; readonly ceiling: number; readonly used: number }
  /** How many scopes the attempts go round. */
  readonly scopes: number
  readonly endsAbruptly: boolean
}

const order = workerData as HammerOrder
const table = openLimitTable(order.buffer, order.workerNumber)
const account = quotaAccount(table)
const month = monthOf(order.nowMs)

/** All threads begin in the same moment. */
function meet(): void {
  const gate = new Int32Array(order.gate)
  if (Atomics.add(gate, 0, 1) + 1 === order.workers) {
    Atomics.store(gate, 1, 1)
    Atomics.notify(gate, 1)
  }
  Atomics.wait(gate, 1, 0)
}

function takeLimits(rule: LimitRule): number {
  const policy = createPolicies(table).known[rule.algorithm]
  const limits = Array.from({ length: order.scopes }, (_, index) => ({
    rule,
    policy,
    key: table.key(`scope ${index}`),
    isPlanRate: false,
  }))
  meet()
  let admitted = 0
  for (let attempt = 0; attempt < order.attempts; attempt++) {
    const limit = limits[attempt % order.scopes]
    if (limit !== undefined && policy.take(limit, order.nowMs) >= 0) admitted++
  }
  return admitted
}

function takeQuota(): number {
  const { units, ceiling, used } = order.quota
  const counters = Array.from({ length: order.scopes }, (_, index) => account.monthOf(`sub_${index}`, month))
  meet()
  let admitted = 0
  for (let attempt = 0; attempt < order.attempts; attempt++) {
    const counter = counters[attempt % order.scopes]
    if (counter === undefined) continue
    const slot = account.hold(counter, units, ceiling, order.nowMs)
    if (slot < 0) continue
    admitted++
    if (!order.endsAbruptly) account.settle(counter, slot, units, used)
  }
  return admitted
}

const admitted = order.rule === undefined ? takeQuota() : takeLimits(order.rule)
parentPort?.postMessage(admitted)
