import { Link } from '@tanstack/react-router'
import { text } from '@/text/admin.ts'
import { Problem } from '@/ui/problem.tsx'
import { PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useModules } from '../module/schema.ts'

/** Every module there is, also those that somebody added: each has its pages. */
export function ModulesPage() {
  const { data, error, refetch } = useModules()
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHeader title={text.everything} />
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {data === undefined
          ? [0, 1, 2, 3, 4, 5].map((at) => (
              <li key={at}>
                <Skeleton className="h-24" />
              </li>
            ))
          : data.map(({ module, plural, display_plural, description }) => (
              <li key={module}>
                <Link
                  to="/ui/m/$plural"
                  params={{ plural }}
                  search={{}}
                  className="block h-full rounded-lg border bg-surface p-4 hover:border-line-strong hover:bg-raised/50"
                >
                  <span className="font-medium">{display_plural}</span>
                  <span className="mt-1 line-clamp-2 block text-[13px] text-quiet">{description}</span>
                </Link>
              </li>
            ))}
      </ul>
    </>
  )
}
