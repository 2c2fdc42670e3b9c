import type { Records } from '#ports/records.ts'
import { type SettingDescription, settingDescriptions } from './describe-settings.ts'

/** A setting as operators see it; a secret says only that it is set. Plain data, ready for JSON. */
export interface ListedSetting {
  readonly key: string
  /** For people; empty for what the product does not know. */
  readonly title: string
  readonly group: SettingDescription['group'] | 'other'
  readonly widget: SettingDescription['widget'] | 'secret'
  readonly description: string
  /** What holds while it is not set. */
  readonly usual: string
  readonly values: readonly string[]
  /** Of the record, while it is set. */
  readonly id: string | null
  readonly value: string | null
  readonly updated_at: string | null
}

/** Every setting that the product knows, set or not, and then whatever else is set: of providers, and of those who added some. */
export async function listSettings(records: Pick<Records, 'each'>): Promise<readonly ListedSetting[]> {
  const listed = new Map<string, ListedSetting>()
  for (const [key, { values = [], ...description }] of settingDescriptions)
    listed.set(key, { key, ...description, values, id: null, value: null, updated_at: null })
  for await (const { id, key, value, secret_value, description, updated_at } of records.each('setting')) {
    const isSecret = secret_value !== null && secret_value !== ''
    const known = listed.get(key) ?? {
      key,
      title: '',
      group: 'other',
      widget: isSecret ? 'secret' : 'text',
      description,
      usual: '',
      values: [],
    }
    listed.set(key, { ...known, id, value: isSecret ? null : value, updated_at })
  }
  return [...listed.values()]
}
