import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { read } from '@/data/api.ts'
import { text } from '@/text/portal.ts'
import { Figure } from '@/ui/figure.tsx'
import { Card, PageHeader } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'

/** Where customers arrive: how they stand, and what to do first. */
export function HomePage() {
  const me = useMe()
  const keys = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) =>
      read<{ readonly keys: readonly { readonly last_used_at: string | null }[] }>('/api/v1/keys', signal),
  }).data?.keys
  const steps = [
    { label: text.stepVerify, isDone: me?.user.email_verified === true, to: '/portal/security' },
    { label: text.stepKey, isDone: (keys?.length ?? 0) > 0, to: '/portal/keys' },
    {
      label: text.stepCall,
      isDone: keys?.some(({ last_used_at }) => last_used_at !== null) === true,
      to: '/portal/keys',
    },
  ]
  return (
    <>
      <PageHeader
        title={text.welcome(me?.user.full_name || me?.user.email || '')}
        description={me?.organization?.name}
      />
      <div className="mb-6 grid grid-cols-2 gap-3">
        <Figure label={text.plan} value={me === undefined ? undefined : (me.organization?.plan ?? '—')} />
        <Figure label={text.keys} value={keys?.length} />
      </div>
      {steps.some(({ isDone }) => !isDone) && (
        <Card title={text.checklist}>
          <ol className="grid gap-2">
            {steps.map(({ label, isDone, to }) => (
              <li key={label} className="flex items-center gap-2.5">
                <span
                  className={`grid size-5 place-items-center rounded-full border ${isDone ? 'border-success bg-success-soft text-success' : ''}`}
                >
                  {isDone && <Check size={13} aria-label="done" />}
                </span>
                {isDone ? (
                  <span className="text-quiet line-through">{label}</span>
                ) : (
                  <Link to={to} className="text-accent hover:underline">
                    {label}
                  </Link>
                )}
              </li>
            ))}
          </ol>
        </Card>
      )}
    </>
  )
}
