import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { text } from '@/text/admin.ts'
import { Button } from '@/ui/button.tsx'
import { Known } from '@/ui/problem.tsx'
import { SearchBox } from '@/ui/search-box.tsx'
import { Empty, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useModules } from '../module/schema.ts'

/** Every module there is, also those that somebody added: each has its pages. */
export function ModulesPage() {
  const { q = '' } = useSearch({ from: '/frame/ui/modules' })
  const navigate = useNavigate()
  const modules = useModules()
  const search = (words: string): void =>
    void navigate({ to: '/ui/modules', search: words === '' ? {} : { q: words }, replace: true })
  const wanted = q.toLowerCase()
  const found = modules.data?.filter(({ module, display_name, display_plural, description }) =>
    [module, display_name, display_plural, description].some((words) => words.toLowerCase().includes(wanted)),
  )
  return (
    <>
      <PageHeader title={text.everything} description={text.everythingLead} />
      <div className="mb-3">
        <SearchBox label={text.findModule} value={q} onSearch={search} />
      </div>
      <Known of={modules}>
        {found?.length === 0 && (
          <Empty
            title={text.noModule}
            action={<Button onClick={() => search('')}>{text.clearFilters}</Button>}
          />
        )}
        <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {found === undefined
            ? [0, 1, 2, 3, 4, 5].map((at) => (
                <li key={at}>
                  <Skeleton className="h-24" />
                </li>
              ))
            : found.map(({ module, plural, display_plural, description }) => (
                <li key={module}>
                  <Link
                    to="/ui/m/$plural"
                    params={{ plural }}
                    search={{}}
                    className="block h-full rounded-lg border bg-surface p-4 hover:border-line-strong hover:bg-raised/50"
                  >
                    <span className="font-medium">{display_plural}</span>
                    <span className="mt-1 line-clamp-3 text-[13px] text-quiet">{description}</span>
                  </Link>
                </li>
              ))}
        </ul>
      </Known>
    </>
  )
}
