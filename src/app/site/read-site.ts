import { plainValue } from '#domain/mail/plain-value.ts'
import { type BrandColors, brandColors } from '#domain/site/brand-colors.ts'
import type { Records } from '#ports/records.ts'
import { comparePlans, type PlanCard, planCard } from './plan-card.ts'

/** What the public pages show of an instance. */
export interface Site {
  readonly name: string
  /** Undefined where the product's own colours hold. */
  readonly colors: BrandColors | undefined
  /** A path here or an https address; empty where there is none. */
  readonly logoUrl: string
  readonly headline: string
  readonly text: string
  readonly supportEmail: string
  /** Setting `portal.base_url` without a slash at its end; empty where it is not set. */
  readonly baseUrl: string
  /** Where the API answers, if not at the address of the pages; empty otherwise. */
  readonly apiUrl: string
  readonly isLandingShown: boolean
  readonly isRegistrationOpen: boolean
  /** Enabled plans of the operator's own API, cheapest first. */
  readonly plans: readonly PlanCard[]
}

/** Reads it as it is now. */
export type ReadSite = () => Promise<Site>

const keys = [
  'auth.registration',
  'brand.color',
  'brand.headline',
  'brand.logo_url',
  'brand.name',
  'brand.support_email',
  'brand.text',
  'portal.base_url',
  'site.api_url',
  'site.landing',
]
const mostPlans = 50

/** Reads settings and plans of the public pages; a value that was written past the check of settings counts as not set. */
export function createReadSite({ records }: { readonly records: Pick<Records, 'list'> }): ReadSite {
  return async () => {
    const [settings, plans] = await Promise.all([readSettings(records), readPlans(records)])
    const setting = (key: string): string => settings.get(key) ?? ''
    const logoUrl = setting('brand.logo_url')
    return {
      name: plainValue(setting('brand.name')) || 'APIGate',
      colors: brandColors(setting('brand.color')),
      logoUrl: logoForm.test(logoUrl) ? logoUrl : '',
      headline: setting('brand.headline'),
      text: setting('brand.text'),
      supportEmail: setting('brand.support_email'),
      baseUrl: address(setting('portal.base_url')),
      apiUrl: address(setting('site.api_url')),
      isLandingShown: setting('site.landing') !== 'false',
      isRegistrationOpen: setting('auth.registration') !== 'closed',
      plans,
    }
  }
}

/** A path of this host, or an https address whose origin a content policy can name. */
const logoForm = /^(\/(?!\/)|https:\/\/[a-zA-Z0-9.-]+(:\d{1,5})?\/)[\w./~%-]*$/

const address = (text: string): string =>
  /^https?:\/\/[^\s"'<>]+$/.test(text) ? text.replace(/\/+$/, '') : ''

async function readSettings(records: Pick<Records, 'list'>): Promise<ReadonlyMap<string, string>> {
  const { items } = await records.list('setting', {
    where: [{ field: 'key', op: 'in', value: keys }],
    limit: keys.length,
  })
  return new Map(items.map(({ key, value }) => [key, value.trim()]))
}

async function readPlans(records: Pick<Records, 'list'>): Promise<readonly PlanCard[]> {
  const [apis, plans] = await Promise.all([
    records.list('api', { where: [{ field: 'is_default', op: 'eq', value: true }], limit: 1 }),
    records.list('plan', { where: [{ field: 'enabled', op: 'eq', value: true }], limit: 100 }),
  ])
  const apiId = apis.items[0]?.id
  return plans.items
    .filter((plan) => plan.api_id === null || plan.api_id === apiId)
    .toSorted(comparePlans)
    .slice(0, mostPlans)
    .flatMap((plan) => planCard(plan) ?? [])
}
