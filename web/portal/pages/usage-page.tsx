import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { buttonClass } from '@/ui/button.tsx'
import { PageHeader } from '@/ui/surface.tsx'
import { type UsageChoice, usageChoice } from '@/ui/usage-choice.ts'
import { UsageView } from '@/ui/usage-view.tsx'

const groupings = [
  { value: 'key', label: shared.byKey },
  { value: 'route', label: shared.byRoute },
  { value: 'api', label: shared.byApi },
]

/** What the organization used, over time. */
export function UsagePage() {
  const navigate = useNavigate()
  const choice = usageChoice(useSearch({ strict: false }))
  return (
    <>
      <PageHeader title={text.usage} />
      <UsageView
        path="/api/v1/dashboard/usage-graph"
        groupings={groupings}
        choice={choice}
        toBegin={
          <Link to="/portal/keys" className={buttonClass()}>
            {text.keys}
          </Link>
        }
        onChoose={(next: UsageChoice) =>
          void navigate({ to: '/portal/usage', search: { ...next }, replace: true })
        }
      />
    </>
  )
}
