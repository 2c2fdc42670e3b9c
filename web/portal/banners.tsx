import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call, wordsOf } from '@/data/api.ts'
import { text as billing } from '@/text/billing.ts'
import { text } from '@/text/portal.ts'
import { text as team } from '@/text/team.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Time } from '@/ui/show.tsx'
import { Banner } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMonth } from './pages/billing/read-billing.ts'
import { UnpaidBanner } from './pages/billing/unpaid-banner.tsx'
import type { PortalSession } from './session.ts'

/** What has to be said on every page: in whose place one acts, and what stands in the way of calls. */
export function Banners({ me }: { me: PortalSession }) {
  const { user, organization, impersonation } = me
  return (
    <>
      {impersonation && <ImpersonationBanner who={user.email} impersonation={impersonation} />}
      {!impersonation && !user.email_verified && <VerifyBanner email={user.email} />}
      {organization?.status === 'suspended' && <Banner tone="bad">{team.suspended}</Banner>}
      {organization?.status === 'active' && <UnpaidBanner />}
      {organization?.status === 'active' && <QuotaBanners />}
      {organization === null && (
        <Banner
          tone="warning"
          action={
            <Link to="/portal/settings" className={buttonClass('plain', 'small')}>
              {text.settings}
            </Link>
          }
        >
          {team.noOrganization}
        </Banner>
      )}
    </>
  )
}

function ImpersonationBanner({
  who,
  impersonation,
}: {
  who: string
  impersonation: NonNullable<PortalSession['impersonation']>
}) {
  const end = useMutation({
    mutationFn: () => call('POST', '/api/v1/auth/impersonation/end', {}),
    onSuccess: () => location.assign('/ui'),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  return (
    <Banner
      tone="bad"
      action={
        <Button size="small" isBusy={end.isPending} onClick={() => end.mutate()}>
          {text.endImpersonation}
        </Button>
      }
    >
      {text.impersonating(who, impersonation.reason)} {impersonation.is_read_only && text.readOnly}{' '}
      {text.endsAt} <Time at={impersonation.expires_at} />.
    </Banner>
  )
}

function VerifyBanner({ email }: { email: string }) {
  const again = useMutation({
    mutationFn: () => call('POST', '/api/v1/auth/request-email-verification', { email }),
    onSuccess: () => say(text.sentAgain),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  return (
    <Banner
      tone="warning"
      action={
        <Button
          size="small"
          isBusy={again.isPending}
          disabled={again.isSuccess}
          onClick={() => again.mutate()}
        >
          {text.sendAgain}
        </Button>
      }
    >
      {text.notVerified}
    </Banner>
  )
}

/** From 80 percent of what is included on, in the colours of the meter. */
function QuotaBanners() {
  const month = useMonth().data
  return month?.subscriptions.map(({ subscription_id: id, api, units, included }) => {
    if (included === null || included === 0 || units < included * 0.8) return null
    const isFull = units >= included
    return (
      <Banner
        key={id}
        tone={units >= included * 0.95 ? 'bad' : 'warning'}
        action={
          <Link to="/portal/plan" className={buttonClass('plain', 'small')}>
            {billing.seePlans}
          </Link>
        }
      >
        {isFull ? billing.quotaFull(api) : billing.quotaNear(Math.floor((units / included) * 100), api)}
      </Banner>
    )
  })
}
