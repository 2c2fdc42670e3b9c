import { useNavigate, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { groups, text } from '@/text/settings.ts'
import { Input } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Banner, Card, Empty, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useOperator } from '../session.ts'
import { AddSetting } from './add-setting.tsx'
import { type Setting, useSettings } from './setting.ts'
import { SettingRow } from './setting-row.tsx'

/** Every setting, by what it is about; what is searched for stands in the address. */
export function SettingsPage() {
  const { q = '' } = useSearch({ from: '/frame/ui/settings' })
  const navigate = useNavigate({ from: '/ui/settings' })
  const { data, error, refetch } = useSettings()
  const role = useOperator()?.role
  const canWrite = role === 'superadmin'
  const wanted = q.trim().toLowerCase().split(/\s+/)
  const found = data?.filter((setting) => isFound(setting, wanted))
  return (
    <>
      <PageHeader title={text.title} description={text.lead} />
      {role !== undefined && !canWrite && <Banner>{text.readOnly}</Banner>}
      <div className="relative mb-5 max-w-md">
        <Search size={15} aria-hidden className="pointer-events-none absolute top-2.5 left-3 text-quiet" />
        <Input
          type="search"
          aria-label={text.find}
          placeholder={text.find}
          className="pl-9!"
          value={q}
          onChange={({ target: { value } }) =>
            void navigate({ search: value === '' ? {} : { q: value }, replace: true })
          }
        />
      </div>
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : found === undefined ? (
        <Skeleton className="h-96" />
      ) : found.length === 0 ? (
        <Empty title={text.noneFound} />
      ) : (
        <div className="grid grid-cols-1 gap-5">
          {Object.entries(groups).map(([group, { title, lead }]) => {
            const settings = found.filter((setting) => setting.group === group)
            return settings.length === 0 ? null : (
              <Card key={group} title={title} description={lead}>
                <div className="-my-4 divide-y">
                  {settings.map((setting) => (
                    <SettingRow key={setting.key} setting={setting} canWrite={canWrite} />
                  ))}
                </div>
              </Card>
            )
          })}
        </div>
      )}
      {canWrite && q === '' && <AddSetting known={data ?? []} />}
    </>
  )
}

const isFound = ({ key, title, description, group }: Setting, words: readonly string[]): boolean => {
  const about = `${key} ${title} ${description} ${groups[group]?.title ?? ''}`.toLowerCase()
  return words.every((word) => about.includes(word))
}
