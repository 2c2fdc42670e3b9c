import type { ApiKeyRow, OrganizationRow, UserRow } from '#contract/rows.gen.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'

/** Mails about keys to those whom they concern. */
export interface KeyNotices {
  /** To who made the key, and to the owners of its organization. */
  revoked(key: ApiKeyRow): Promise<void>
  /** To the same people; `outcome` says what was done about it. */
  leaked(
    key: ApiKeyRow,
    found: { readonly source: string; readonly outcome: string; readonly time: string },
  ): Promise<void>
}

const mostOwners = 20

/** What is sent twice for the same key is one mail. */
export function createKeyNotices(deps: {
  readonly records: Records
  readonly sendMail: SendMail
}): KeyNotices {
  const { records } = deps

  async function people(key: ApiKeyRow): Promise<readonly UserRow[]> {
    const owners = await ownersOf(records, key.organization_id ?? '')
    const maker = key.user_id === null ? undefined : await records.get('user', key.user_id)
    const all = maker === undefined ? owners : [maker, ...owners]
    return [...new Map(all.map((user) => [user.id, user])).values()]
  }

  async function tell(
    template: string,
    key: ApiKeyRow,
    more: Readonly<Record<string, string>>,
  ): Promise<void> {
    const organization = await records.get('organization', key.organization_id ?? '')
    for (const user of await people(key))
      await deps.sendMail({
        template,
        to: user.email,
        data: {
          name: user.name || user.email,
          organization: organization?.name ?? '',
          key_name: key.name,
          key_prefix: key.prefix ?? '',
          ...more,
        },
        dedupeKey: `${template} ${key.id} ${user.id}`,
      })
  }

  return {
    revoked: (key) => tell('key_revoked', key, { time: key.revoked_at ?? '' }),
    leaked: (key, found) => tell('key_leaked', key, found),
  }
}

/** The people who own an organization, twenty at most. */
export async function ownersOf(
  records: Records,
  organizationId: OrganizationRow['id'],
): Promise<readonly UserRow[]> {
  const { items } = await records.list('membership', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'role', op: 'eq', value: 'owner' },
    ],
    limit: mostOwners,
  })
  const users = await Promise.all(items.map(({ user_id: userId }) => records.get('user', userId)))
  return users.filter((user) => user !== undefined)
}
