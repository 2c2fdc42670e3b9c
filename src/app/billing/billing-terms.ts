import type { Rows } from '#contract/rows.gen.ts'
import { ppmOf, type TaxRate } from '#domain/billing/tax.ts'
import type { Records } from '#ports/records.ts'

const usualFeeBasisPoints = 2000
const usualTermsDays = 14

/** What an invoice needs to know of its customer, beside what is sold. */
export interface CustomerTerms {
  readonly organization: Rows['organization']
  readonly profile: Rows['billing_profile'] | undefined
  readonly termsDays: number
}

/** Who the customer is and how long they have to pay. */
export async function customerTerms(records: Records, organizationId: string): Promise<CustomerTerms> {
  const organization = await records.get('organization', organizationId)
  if (organization === undefined) throw new Error(`the organization ${organizationId} is gone`)
  const profile = await records.getBy('billing_profile', 'organization_id', organizationId)
  return { organization, profile, termsDays: profile?.payment_terms_days ?? usualTermsDays }
}

/** Who sells, as it stands on invoices. */
export type Seller = Readonly<Record<string, string>>

/** Reads who sells from the settings. */
export async function readSeller(records: Records): Promise<Seller> {
  const setting = async (key: string): Promise<string> =>
    (await records.getBy('setting', 'key', key))?.value ?? ''
  const seller: Record<string, string> = {}
  for (const field of ['name', 'address', 'country', 'tax_number', 'email'])
    seller[field] = await setting(`billing.seller_${field}`)
  seller['name'] ||= await setting('brand.name')
  seller['note'] = await setting('billing.invoice_note')
  return seller
}

/** The customer and the seller as they stand on an invoice from now on. */
export function partiesOf(seller: Seller, { organization, profile }: CustomerTerms) {
  return {
    seller,
    buyer: {
      name: profile?.legal_name || organization.name,
      address: profile?.address ?? '',
      postal_code: profile?.postal_code ?? '',
      city: profile?.city ?? '',
      country: profile?.country ?? '',
      tax_number: profile?.tax_number ?? '',
      email: mailAddressOf(organization, profile),
    },
  }
}

/** Where invoices of a customer go; empty where nobody has said. */
export const mailAddressOf = (
  organization: Pick<Rows['organization'], 'email'>,
  profile: Pick<Rows['billing_profile'], 'email'> | undefined,
): string => profile?.email ?? organization.email ?? ''

/** Every tax rate that is switched on. */
export async function readTaxRates(records: Records): Promise<readonly TaxRate[]> {
  const rates: TaxRate[] = []
  for await (const rate of records.each('tax_rate', [{ field: 'enabled', op: 'eq', value: true }]))
    rates.push({
      name: rate.name,
      country: rate.country,
      organizationId: rate.organization_id,
      ppm: ppmOf(rate.percent),
      isInclusive: rate.inclusive,
      isCompound: rate.compound,
      validFromMs: rate.valid_from === null ? null : Date.parse(rate.valid_from),
      validUntilMs: rate.valid_until === null ? null : Date.parse(rate.valid_until),
    })
  return rates
}

/** Who earns from an API beside us, and what we keep of it in hundredths of a percent; undefined for the operator's own. */
export async function payeeOf(
  records: Records,
  apiId: string | null,
): Promise<{ readonly payeeId: string; readonly feeBasisPoints: number } | undefined> {
  const api = apiId === null ? undefined : await records.get('api', apiId)
  const owner =
    api?.organization_id === undefined || api.organization_id === null
      ? undefined
      : await records.get('organization', api.organization_id)
  if (owner === undefined || owner.is_operator) return undefined
  const setting = await records.getBy('setting', 'key', 'billing.fee_basis_points')
  return { payeeId: owner.id, feeBasisPoints: Number(setting?.value || usualFeeBasisPoints) }
}
