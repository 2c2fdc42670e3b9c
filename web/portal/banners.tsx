import { useMutation } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { call, wordsOf } from '@/data/api.ts'
import { text as billing } from '@/text/billing.ts'
import { text } from '@/text/portal.ts'
import { text as team } from '@/text/team.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Banner } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { NoticeBox } from './notice-box.tsx'
import type { Notice } from './notices.ts'
import { useCredit, useMonth } from './pages/billing/read-billing.ts'
import { useUnpaidNotices } from './pages/billing/unpaid-notices.tsx'
import type { PortalSession } from './session.ts'
import { SendLinkAgain } from './verify-again.tsx'

/** What has to be said on every page: in whose place one acts, and what stands in the way of calls. */
export function Banners({ me }: { me: PortalSession }) {
  const { user, organization, impersonation } = me
  const verify = useVerifyNotice(me)
  return (
    <>
      {impersonation && <ImpersonationBanner who={user.email} impersonation={impersonation} />}
      {organization?.status === 'active' ? (
        <ActiveNotices others={verify} />
      ) : (
        <NoticeBox notices={[...standingOf(organization), ...verify]} />
      )}
    </>
  )
}

/** Only an organization that is active has invoices and use to ask for. */
function ActiveNotices({ others }: { others: readonly Notice[] }) {
  return (
    <NoticeBox notices={[...useUnpaidNotices(), ...useCreditNotices(), ...useQuotaNotices(), ...others]} />
  )
}

function standingOf(organization: PortalSession['organization']): readonly Notice[] {
  if (organization?.status === 'suspended') return [{ key: 'suspended', tone: 'bad', words: team.suspended }]
  if (organization !== null) return []
  const action = (
    <Link to="/portal/settings" className={buttonClass('plain', 'small')}>
      {text.settings}
    </Link>
  )
  return [{ key: 'nowhere', tone: 'warning', words: team.noOrganization, action }]
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

/** Where people arrive, the first steps ask for the same. */
function useVerifyNotice({ user, impersonation }: PortalSession): readonly Notice[] {
  const { pathname } = useLocation()
  if (impersonation || user.email_verified || pathname === '/portal') return []
  const action = <SendLinkAgain email={user.email} />
  return [{ key: 'verify', tone: 'warning', words: text.notVerified, action }]
}

/** Where a first warning belongs; a grave one stands everywhere. */
const placesOfUse = ['/portal', '/portal/keys', '/portal/usage', '/portal/plan']

/** From 80 percent of what is included on, in the colours of the meter. */
function useQuotaNotices(): readonly Notice[] {
  const { pathname } = useLocation()
  const action = pathname !== '/portal/plan' && (
    <Link to="/portal/plan" className={buttonClass('plain', 'small')}>
      {billing.seePlans}
    </Link>
  )
  return (useMonth().data?.subscriptions ?? []).flatMap((row) => {
    const { subscription_id: id, api, units, included, quota_mode } = row
    if (included === null || included === 0 || units < included * 0.8) return []
    const isGrave = units >= included * 0.95
    if (!isGrave && !placesOfUse.includes(pathname)) return []
    const words =
      units >= included
        ? `${billing.quotaFull(api)} ${billing.quotaFullThen[quota_mode]}`
        : billing.quotaNear(Math.floor((units / included) * 100), api)
    return [{ key: id, tone: isGrave ? ('bad' as const) : ('warning' as const), words, action }]
  })
}

/** Under a prepaid plan: when less than a fifth of the balance is left, and when nothing is. */
function useCreditNotices(): readonly Notice[] {
  const { pathname } = useLocation()
  const action = pathname !== '/portal/billing' && (
    <Link to="/portal/billing" className={buttonClass('plain', 'small')}>
      {billing.buyCredit}
    </Link>
  )
  return (useCredit().data ?? []).flatMap(({ currency, balance, available, is_prepaid: isPrepaid }) => {
    if (!isPrepaid || available > balance * 0.2) return []
    const isUsedUp = available <= 0
    const words = isUsedUp ? billing.creditUsedUp : billing.creditLow(money(available, currency))
    return [
      { key: `credit ${currency}`, tone: isUsedUp ? ('bad' as const) : ('warning' as const), words, action },
    ]
  })
}
