import { useNavigate, useSearch } from '@tanstack/react-router'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { PageHeader } from '@/ui/surface.tsx'
import { type UsageChoice, usageChoice } from '@/ui/usage-choice.ts'
import { UsageView } from '@/ui/usage-view.tsx'
import { RecordFilter } from './usage-filter.tsx'
import { UsageLatency } from './usage-latency.tsx'

const groupings = [
  { value: 'organization', label: shared.byOrganization },
  { value: 'route', label: shared.byRoute },
  { value: 'api', label: shared.byApi },
  { value: 'key', label: shared.byKey },
]

/** What was used over time: by everybody or one customer or key, of everything or one API or route. */
export function UsagePage() {
  const navigate = useNavigate()
  const choice = usageChoice(useSearch({ strict: false }))
  const choose = (next: UsageChoice): void =>
    void navigate({ to: '/ui/usage', search: { ...next }, replace: true })
  const filter = (name: 'of' | 'key' | 'api' | 'route', label: string, none: string, path: string) => (
    <RecordFilter
      label={label}
      none={none}
      path={path}
      value={choice[name]}
      onChange={(id) => {
        // A key belongs to one customer: another customer has others.
        const { [name]: _before, key, ...others } = choice
        const kept = name === 'of' || key === undefined || name === 'key' ? others : { ...others, key }
        choose({ ...kept, ...(id === undefined ? {} : { [name]: id }) })
      }}
    />
  )
  const ofCustomer = choice.of === undefined ? '' : `organization_id=${encodeURIComponent(choice.of)}&`
  return (
    <>
      <PageHeader title={shared.usage} />
      <UsageView
        path="/admin/usage/series"
        groupings={groupings}
        choice={choice}
        onChoose={choose}
        narrowed={narrowedBy(choice)}
        onPick={(by, id) => {
          const { by: _before, ...others } = choice
          const name = { organization: 'of', key: 'key', api: 'api', route: 'route' }[by]
          if (name !== undefined) choose({ ...others, [name]: id })
        }}
        filter={
          <>
            {filter('of', text.organization, text.everyOrganization, '/api/organizations?')}
            {filter('key', text.key, text.everyKey, `/api/api_keys?${ofCustomer}`)}
            {filter('api', text.api, text.everyApi, '/api/apis?')}
            {filter('route', text.route, text.everyRoute, '/api/routes?')}
          </>
        }
      >
        {choice.of === undefined && choice.key === undefined && <UsageLatency choice={choice} />}
      </UsageView>
    </>
  )
}

/** What the server is asked for a choice: the names of the address are short, those of the server are whole. */
function narrowedBy({ of, key, api, route }: UsageChoice): Readonly<Record<string, string>> {
  return {
    ...(of === undefined ? {} : { organization_id: of }),
    ...(key === undefined ? {} : { api_key_id: key }),
    ...(api === undefined ? {} : { api_id: api }),
    ...(route === undefined ? {} : { route_id: route }),
  }
}
