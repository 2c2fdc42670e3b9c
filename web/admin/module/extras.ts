import { type ComponentType, lazy } from 'react'
import type { ModuleRecord } from './schema.ts'

type Extra = ComponentType<{ readonly record: ModuleRecord }>

/** What stands below the fields of a record of some modules; each is loaded when such a record is looked at. */
export const extras: Readonly<Record<string, Extra>> = {
  invoice: lazy(() => import('../extras/invoice.tsx').then(({ Invoice }) => ({ default: Invoice }))),
  payment: lazy(() => import('../extras/refund.tsx').then(({ Refunds }) => ({ default: Refunds }))),
  plan: lazy(() => import('../extras/price-editor.tsx').then((found) => ({ default: found.PriceEditor }))),
  subscription: lazy(() =>
    import('../extras/subscription.tsx').then((found) => ({ default: found.Subscription })),
  ),
  user: lazy(() => import('../extras/impersonate.tsx').then((found) => ({ default: found.Impersonate }))),
  webhook_endpoint: lazy(() =>
    import('../extras/deliveries.tsx').then((found) => ({ default: found.Deliveries })),
  ),
}

/** Actions that what stands below the fields offers by itself, and better. */
export const ownActions: Readonly<Record<string, readonly string[]>> = {
  payment: ['refund'],
  subscription: ['change_plan', 'schedule_plan'],
}
