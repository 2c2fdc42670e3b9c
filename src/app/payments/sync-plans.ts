import { accept, type Outcome } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { ownCall } from '../billing/dependencies.ts'
import { type MappedEntity, mappingOf, type PaymentDependencies } from './dependencies.ts'
import { offeredProviders } from './offered-provider.ts'

/** The job that brings the price of a plan to the providers. */
export const planJob = 'payments.plan'

/** What plans cost at the providers, as provider_mapping keeps it: `plan` is the price that a plan is sold at now. */
export interface SyncPlans {
  /** One plan, also one that is gone. Refuses where a provider could not be asked. */
  one(planId: string): Promise<Outcome<unknown>>
  /** Every plan: finds what is missing. */
  all(): Promise<Outcome<unknown>>
  /** True where there is anybody to bring prices to. */
  isNeeded(): Promise<boolean>
}

/** Where the plan itself says what it is sold at: made by hand, and never changed from here. */
const ownPrices = {
  stripe: 'stripe_price_id',
  paddle: 'paddle_price_id',
  lemonsqueezy: 'lemon_variant_id',
} as const

const mostLooks = 5

/** Keeps the monthly fee of each plan as a price at each provider that customers may pay by; a price is made once, and archived when it is not sold any more. */
export function createSyncPlans(deps: PaymentDependencies): SyncPlans {
  const { records, log } = deps
  const serviceOf = (provider: string) => deps.capabilities.capability('payment', { provider })

  async function providers(): Promise<readonly string[]> {
    if ((await records.getBy('setting', 'key', 'payment.plan_sync'))?.value === 'false') return []
    const real = (await deps.catalogue.list()).filter(
      ({ capability, only }) => capability === 'payment' && only !== 'testing',
    )
    const offered = await offeredProviders(deps)
    return offered.map(({ provider }) => provider).filter((name) => real.some((one) => one.provider === name))
  }

  const map = (provider: string, entity: MappedEntity, localId: string, externalId: string) =>
    deps.invoke(
      ownCall({
        module: 'provider_mapping',
        action: 'create',
        input: { provider, entity_type: entity, local_id: localId, external_id: externalId },
      }),
    )

  /** Lets a price be sold or not; a provider that cannot is left as it is. */
  async function setActive(provider: string, priceId: string, isActive: boolean): Promise<Outcome<unknown>> {
    const set = await serviceOf(provider).set_price({ price_id: priceId, active: isActive })
    if (set.ok || set.code === 'service_unavailable')
      return !set.ok && set.details?.['reason'] === 'not_offered' ? accept(undefined) : set
    log.warn(
      { provider, price: priceId, reason: set.message },
      'a price could not be changed at its provider',
    )
    return accept(undefined)
  }

  /** The price for a fee: the one that was made for it before, else a new one; undefined where the provider makes none. */
  async function priceFor(provider: string, plan: Rows['plan']): Promise<Outcome<string | undefined>> {
    const fee = `${plan.id} ${plan.price_monthly} ${plan.currency}`
    const known = await mappingOf(records, provider, 'plan_price', fee)
    if (known !== undefined) {
      const set = await setActive(provider, known.external_id, true)
      return set.ok ? accept(known.external_id) : set
    }
    const made = await serviceOf(provider).create_price({
      name: plan.name,
      amount: plan.price_monthly,
      currency: plan.currency.toLowerCase(),
      // Again after a crash, or where the answer was lost, it is the same price.
      idempotency_key: `plan ${fee}`,
    })
    if (!made.ok) {
      if (made.code === 'service_unavailable' && made.details?.['reason'] !== 'not_offered') return made
      if (made.details?.['reason'] !== 'not_offered')
        log.warn({ provider, plan: plan.id, reason: made.message }, 'a provider takes no price for a plan')
      return accept(undefined)
    }
    const mapped = await map(provider, 'plan_price', fee, made.value.price_id)
    return mapped.ok || mapped.code === 'conflict' ? accept(made.value.price_id) : mapped
  }

  async function wantedAt(
    provider: string,
    plan: Rows['plan'] | undefined,
  ): Promise<Outcome<string | undefined>> {
    if (plan === undefined || !plan.enabled) return accept(undefined)
    const field = ownPrices[provider as keyof typeof ownPrices]
    const own = field === undefined ? undefined : plan[field]
    if (own) return accept(own)
    return plan.price_monthly > 0 ? priceFor(provider, plan) : accept(undefined)
  }

  /** The old price is archived before it is forgotten: after a crash in between it is archived again. */
  async function move(provider: string, planId: string, to: string | undefined): Promise<Outcome<unknown>> {
    const now = await mappingOf(records, provider, 'plan', planId)
    if (now?.external_id === to) return accept(undefined)
    if (now !== undefined && (await isOurs(provider, now.external_id))) {
      const archived = await setActive(provider, now.external_id, false)
      if (!archived.ok) return archived
    }
    if (to === undefined)
      return deps.invoke(ownCall({ module: 'provider_mapping', action: 'delete', id: now?.id ?? '' }))
    const done =
      now === undefined
        ? await map(provider, 'plan', planId, to)
        : await deps.invoke(
            ownCall({ module: 'provider_mapping', action: 'update', id: now.id, input: { external_id: to } }),
          )
    if (done.ok || done.code !== 'conflict') return done
    log.warn({ provider, plan: planId, price: to }, 'a price is the price of another plan already')
    return accept(undefined)
  }

  /** What was made here; what was made by hand is not ours to archive. */
  async function isOurs(provider: string, priceId: string): Promise<boolean> {
    const where = [
      { field: 'provider', op: 'eq', value: provider },
      { field: 'entity_type', op: 'eq', value: 'plan_price' },
      { field: 'external_id', op: 'eq', value: priceId },
    ] as const
    return (await records.list('provider_mapping', { where, limit: 1 })).items.length > 0
  }

  /** A plan that is changed meanwhile is looked at again: its own job was not added beside this one. */
  async function sync(planId: string, names: readonly string[]): Promise<Outcome<unknown>> {
    for (let looks = 1; ; looks += 1) {
      const plan = await records.get('plan', planId)
      const done = await syncNow(planId, plan, names)
      const now = await records.get('plan', planId)
      if (now?.updated_at === plan?.updated_at || looks >= mostLooks) return done
    }
  }

  async function syncNow(
    planId: string,
    plan: Rows['plan'] | undefined,
    names: readonly string[],
  ): Promise<Outcome<unknown>> {
    let last: Outcome<unknown> = accept(undefined)
    for (const provider of names) {
      const wanted = await wantedAt(provider, plan)
      const done = wanted.ok ? await move(provider, planId, wanted.value) : wanted
      // One that is down does not hold up the others.
      if (!done.ok) last = done
    }
    return last
  }

  return {
    one: async (planId) => sync(planId, await providers()),
    async all() {
      const names = await providers()
      const ids = new Set<string>()
      for await (const { id } of records.each('plan')) ids.add(id)
      const sold = [{ field: 'entity_type', op: 'eq', value: 'plan' }] as const
      for await (const { local_id: id } of records.each('provider_mapping', sold)) ids.add(id)
      let last: Outcome<unknown> = accept(undefined)
      for (const id of names.length === 0 ? [] : ids) {
        const done = await sync(id, names)
        if (!done.ok) last = done
      }
      return last
    },
    isNeeded: async () => (await providers()).length > 0,
  }
}
