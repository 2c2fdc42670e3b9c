import { text } from '@/text/portal.ts'
import { PageHeader } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'
import { CloseAccountCard, CloseOrganizationCard, HandOverCard } from './settings/end-cards.tsx'
import { OrganizationCard, OrganizationsCard } from './settings/organization-cards.tsx'

/** The organization, the others that one belongs to, and the ways out. */
export function SettingsPage() {
  const me = useMe()
  const organization = me?.organization ?? undefined
  const isOwner = me?.user.role === 'owner'
  return (
    <>
      <PageHeader title={text.settings} />
      <div className="grid grid-cols-1 gap-5">
        {organization !== undefined && <OrganizationCard organization={organization} isOwner={isOwner} />}
        <OrganizationsCard />
        {me !== undefined && organization !== undefined && isOwner && (
          <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
            <HandOverCard organization={organization} userId={me.user.id} />
            <CloseOrganizationCard organization={organization} />
          </div>
        )}
        {me !== undefined && <CloseAccountCard email={me.user.email} />}
      </div>
    </>
  )
}
