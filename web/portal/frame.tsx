import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { Building2, CircleUser, LogOut } from 'lucide-react'
import { wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { buttonClass, IconButton } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'
import { Palette, type PaletteEntry } from '@/ui/palette.tsx'
import { Shell } from '@/ui/shell.tsx'
import { Empty } from '@/ui/surface.tsx'
import { toggleTheme } from '@/ui/theme-switch.tsx'
import { say } from '@/ui/toasts.tsx'
import { Banners } from './banners.tsx'
import { brandLogo, brandName } from './brand.ts'
import { switchTo, useOrganizations } from './organizations.ts'
import { isForAdmins, placesFor } from './places.tsx'
import { useMe, useSignOut } from './session.ts'
import { SessionWatch } from './session-watch.tsx'

/** The frame around every customers' page. */
export function Frame() {
  const navigate = useNavigate()
  const path = useLocation().pathname
  const me = useMe()
  const signOut = useSignOut()
  const groups = placesFor(me?.user.role)
  const organizations = useOrganizations().data
  const elsewhere = (organizations ?? []).filter(({ id }) => id !== me?.organization?.id)
  const goTo = (id: string): void => {
    switchTo(id).catch((error: unknown) => say(wordsOf(error), { isBad: true }))
  }
  const entries: PaletteEntry[] = [
    ...groups.flatMap(({ places }) =>
      places.map(({ to, label, isElsewhere }) => ({
        label,
        group: shared.goTo,
        run: () => (isElsewhere ? location.assign(to) : void navigate({ to })),
      })),
    ),
    {
      label: text.newKey,
      group: shared.doNow,
      run: () => void navigate({ href: '/portal/keys?new=1' }),
    },
    ...elsewhere.map(({ id, name }) => ({
      label: text.switchTo(name),
      group: text.organizations,
      run: () => goTo(id),
    })),
    { label: shared.theme, group: shared.doNow, run: () => void toggleTheme() },
    { label: shared.signOut, group: shared.doNow, run: () => void signOut() },
  ]
  return (
    <Shell
      home="/portal"
      brand={brandName()}
      logo={brandLogo()}
      groups={groups}
      banner={me && <Banners me={me} />}
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
              onSelect: () => goTo(id),
            })),
            { label: shared.signOut, icon: <LogOut size={15} />, onSelect: () => void signOut() },
          ]}
        />
      }
    >
      <Palette entries={entries} />
      {me && <SessionWatch me={me} />}
      {me?.user.role === 'member' && isForAdmins(path) ? <OnlyAdmins /> : <Outlet />}
    </Shell>
  )
}

/** What members find where somebody gave them the address of a page that is not theirs. */
const OnlyAdmins = () => (
  <Empty
    title={text.onlyAdmins}
    action={
      <Link to="/portal/team" className={buttonClass()}>
        {text.seeTeam}
      </Link>
    }
  >
    {text.onlyAdminsHelp}
  </Empty>
)
