import { useMutation, useQuery } from '@tanstack/react-query'
import { Outlet, useNavigate } from '@tanstack/react-router'
import {
  Building2,
  ChartColumn,
  CircleUser,
  Home,
  KeyRound,
  LogOut,
  Settings,
  ShieldCheck,
  Users,
} from 'lucide-react'
import { call, read } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button, IconButton } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'
import { Palette, type PaletteEntry } from '@/ui/palette.tsx'
import { type PlaceGroup, Shell } from '@/ui/shell.tsx'
import { Banner } from '@/ui/surface.tsx'
import { toggleTheme } from '@/ui/theme-switch.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe, useSignOut } from './session.ts'

const size = 16
const groups: readonly PlaceGroup[] = [
  {
    places: [
      { to: '/portal', label: text.home, icon: <Home size={size} />, isExact: true },
      { to: '/portal/keys', label: text.keys, icon: <KeyRound size={size} /> },
      { to: '/portal/usage', label: text.usage, icon: <ChartColumn size={size} /> },
    ],
  },
  {
    heading: text.organizationName,
    places: [
      { to: '/portal/team', label: text.team, icon: <Users size={size} /> },
      { to: '/portal/settings', label: text.settings, icon: <Settings size={size} /> },
    ],
  },
  {
    heading: text.account,
    places: [{ to: '/portal/security', label: text.security, icon: <ShieldCheck size={size} /> }],
  },
]

interface Organization {
  readonly id: string
  readonly name: string
  readonly is_active: boolean
}

/** The frame around every customers' page. */
export function Frame() {
  const navigate = useNavigate()
  const me = useMe()
  const signOut = useSignOut()
  const organizations = useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => read<readonly Organization[]>('/api/v1/organizations', signal),
  }).data
  const elsewhere = (organizations ?? []).filter(({ id }) => id !== me?.organization?.id)
  const switchTo = async (id: string): Promise<void> => {
    await call('POST', `/api/v1/organizations/${id}/switch`, {})
    location.assign('/portal')
  }
  const entries: PaletteEntry[] = [
    ...groups.flatMap(({ places }) =>
      places.map(({ to, label }) => ({ label, group: 'Go to', run: () => void navigate({ to }) })),
    ),
    ...elsewhere.map(({ id, name }) => ({
      label: text.switchTo(name),
      group: text.organizations,
      run: () => void switchTo(id),
    })),
    { label: shared.theme, group: 'Do', run: () => void toggleTheme() },
    { label: shared.signOut, group: 'Do', run: () => void signOut() },
  ]
  return (
    <Shell
      home="/portal"
      brand={text.brand}
      groups={groups}
      banner={me?.user.email_verified === false ? <VerifyBanner email={me.user.email} /> : undefined}
      account={
        <Menu
          trigger={
            <IconButton label={me?.user.email ?? shared.menu}>
              <CircleUser size={17} />
            </IconButton>
          }
          heading={
            <>
              {me?.user.email}
              <br />
              {me?.organization?.name}
            </>
          }
          items={[
            ...elsewhere.map(({ id, name }) => ({
              label: text.switchTo(name),
              icon: <Building2 size={15} />,
              onSelect: () => void switchTo(id),
            })),
            { label: shared.signOut, icon: <LogOut size={15} />, onSelect: () => void signOut() },
          ]}
        />
      }
    >
      <Palette entries={entries} />
      <Outlet />
    </Shell>
  )
}

function VerifyBanner({ email }: { email: string }) {
  const again = useMutation({
    mutationFn: () => call('POST', '/api/v1/auth/request-email-verification', { email }),
    onSuccess: () => say(text.sentAgain),
    onError: (error) => say(error.message, { isBad: true }),
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
