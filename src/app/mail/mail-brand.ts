import type { MailBrand } from '#domain/mail/compose-mail.ts'
import { mailAddress } from '#domain/mail/mail-address.ts'
import { plainValue } from '#domain/mail/plain-value.ts'
import type { Records } from '#ports/records.ts'

/** Reads how mails look now; `baseUrl` is empty where nobody has said under which address the instance is reached. */
export type ReadMailBrand = () => Promise<MailBrand>

const usualColor = '#1d6b57'

/** Settings `brand.name`, `brand.color`, `brand.support_email` and `portal.base_url`; never the host that a request named. */
export function createReadMailBrand(deps: {
  readonly records: Pick<Records, 'getBy'>
  /** Where links lead while the setting is missing; empty where that must not be guessed. */
  readonly usualBaseUrl: string
}): ReadMailBrand {
  const setting = async (key: string): Promise<string> =>
    ((await deps.records.getBy('setting', 'key', key))?.value ?? '').trim()
  return async () => {
    const [name, color, support, baseUrl] = await Promise.all([
      setting('brand.name'),
      setting('brand.color'),
      setting('brand.support_email'),
      setting('portal.base_url'),
    ])
    return {
      name: plainValue(name) || 'APIGate',
      color: /^#[0-9a-f]{6}$/i.test(color) ? color : usualColor,
      supportAddress: mailAddress(support),
      baseUrl: (baseUrl || deps.usualBaseUrl).replace(/\/+$/, ''),
    }
  }
}
