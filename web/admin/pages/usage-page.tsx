import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Select } from '@/ui/field.tsx'
import { PageHeader } from '@/ui/surface.tsx'
import { type UsageChoice, usageChoice } from '@/ui/usage-choice.ts'
import { UsageView } from '@/ui/usage-view.tsx'

const groupings = [
  { value: 'organization', label: shared.byOrganization },
  { value: 'route', label: shared.byRoute },
  { value: 'api', label: shared.byApi },
  { value: 'key', label: shared.byKey },
]

/** What all customers used, or one of them, over time. */
export function UsagePage() {
  const navigate = useNavigate()
  const choice = usageChoice(useSearch({ strict: false }))
  const choose = (next: UsageChoice): void =>
    void navigate({ to: '/ui/usage', search: { ...next }, replace: true })
  return (
    <>
      <PageHeader title={shared.usage} />
      <UsageView
        path="/admin/usage/series"
        groupings={groupings}
        choice={choice}
        onChoose={choose}
        narrowed={choice.of === undefined ? {} : { organization_id: choice.of }}
        filter={<Customer choice={choice} onChoose={choose} />}
      />
    </>
  )
}

function Customer({ choice, onChoose }: { choice: UsageChoice; onChoose: (choice: UsageChoice) => void }) {
  const { of, ...others } = choice
  const { data } = useQuery({
    queryKey: ['module', 'organization', 'names', 'by name'],
    queryFn: ({ signal }) =>
      readPage<{ readonly id: string; readonly name: string }>(
        '/api/organizations?limit=100&sort=name',
        signal,
      ),
    staleTime: 60_000,
  })
  const rows = data?.rows ?? []
  return (
    <Select
      aria-label={text.organization}
      className="w-auto! max-w-56"
      value={of ?? ''}
      onChange={({ target: { value } }) => onChoose({ ...others, ...(value === '' ? {} : { of: value }) })}
    >
      <option value="">{text.everyOrganization}</option>
      {of !== undefined && !rows.some(({ id }) => id === of) && <option value={of}>{of}</option>}
      {rows.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  )
}
