import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status, Time } from '@/ui/show.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'

interface Organization {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created_at: string
}

/** The operator's own organization is no customer. */
const newest = new URLSearchParams({ limit: '6', sort: '-id', 'slug[ne]': 'operator' })

/** The customers that came last. */
export function SignUps() {
  const { data, error, refetch } = useQuery({
    queryKey: ['module', 'organization', 'newest'],
    queryFn: ({ signal }) => readPage<Organization>(`/api/organizations?${newest}`, signal),
    refetchInterval: 10_000,
  })
  return (
    <Card title={text.signUps}>
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton className="h-32" />
      ) : data.rows.length === 0 ? (
        <p className="text-quiet">{text.noSignUps}</p>
      ) : (
        <ul className="grid gap-2">
          {data.rows.map(({ id, name, status, created_at }) => (
            <li key={id} className="flex min-w-0 items-center justify-between gap-3">
              <Link
                to="/ui/m/$plural/$id"
                params={{ plural: 'organizations', id }}
                className="truncate text-accent hover:underline"
              >
                {name}
              </Link>
              <span className="flex items-center gap-3 text-[13px] whitespace-nowrap text-quiet">
                <Status value={status} /> <Time at={created_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
