import { lazy, Suspense } from 'react'
import { text } from '@/text/portal.ts'
import { PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'
import { useKeys } from './keys/read-keys.ts'

const FirstSteps = lazy(() =>
  import('./home/first-steps.tsx').then((parts) => ({ default: parts.FirstSteps })),
)
const Standing = lazy(() => import('./home/standing.tsx').then((parts) => ({ default: parts.Standing })))

/** Where customers arrive: what to do first, then how they stand. */
export function HomePage() {
  const me = useMe()
  const keys = useKeys().data?.keys
  const isVerified = me?.user.email_verified === true
  const hasCalled = keys?.some(({ last_used_at }) => last_used_at !== null) === true
  const isNew = keys !== undefined && (!isVerified || !hasCalled)
  return (
    <>
      <PageHeader
        title={text.welcome(me?.user.full_name || me?.user.email || '')}
        description={me?.organization?.name}
      />
      <Suspense fallback={<Skeleton className="h-48" />}>
        <div className="grid grid-cols-1 gap-5">
          {me !== undefined && isNew && <FirstSteps email={me.user.email} isVerified={isVerified} />}
          {me?.organization?.status === 'active' && <Standing />}
        </div>
      </Suspense>
    </>
  )
}
