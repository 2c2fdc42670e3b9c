import { type ComponentType, lazy } from 'react'
import type { ModuleRecord } from './schema.ts'

type Extra = ComponentType<{ readonly record: ModuleRecord }>

/** What stands below the fields of a record of some modules; each is loaded when such a record is looked at. */
export const extras: Readonly<Record<string, Extra>> = {
  invoice: lazy(() => import('../extras/invoice.tsx').then(({ Invoice }) => ({ default: Invoice }))),
  plan: lazy(() => import('../extras/price-preview.tsx').then((found) => ({ default: found.PricePreview }))),
  user: lazy(() => import('../extras/impersonate.tsx').then((found) => ({ default: found.Impersonate }))),
  webhook_endpoint: lazy(() =>
    import('../extras/deliveries.tsx').then((found) => ({ default: found.Deliveries })),
  ),
}
