import { useNavigate, useSearch } from '@tanstack/react-router'
import { text as shared } from '@/text/en.ts'
import { PageHeader } from '@/ui/surface.tsx'
import { type UsageChoice, usageChoice } from '@/ui/usage-choice.ts'
import { UsageView } from '@/ui/usage-view.tsx'

const groupings = [
  { value: 'organization', label: shared.byOrganization },
  { value: 'route', label: shared.byRoute },
  { value: 'api', label: shared.byApi },
]

/** What all customers used, over time. */
export function UsagePage() {
  const navigate = useNavigate()
  const choice = usageChoice(useSearch({ strict: false }))
  return (
    <>
      <PageHeader title={shared.usage} />
      <UsageView
        path="/admin/usage/series"
        groupings={groupings}
        choice={choice}
        onChoose={(next: UsageChoice) =>
          void navigate({ to: '/ui/usage', search: { ...next }, replace: true })
        }
      />
    </>
  )
}
