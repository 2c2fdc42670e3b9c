import { Outlet, useNavigate } from '@tanstack/react-router'
import {
  Activity,
  BadgeCheck,
  Boxes,
  Building2,
  ChartColumn,
  CircleUser,
  FlaskConical,
  HeartPulse,
  KeyRound,
  Layers,
  LayoutDashboard,
  LayoutGrid,
  ListTodo,
  LogOut,
  Mail,
  Plug,
  Receipt,
  Repeat,
  Route,
  Scale,
  ScrollText,
  Server,
  Settings,
  Shield,
  ShieldCheck,
  User,
  Wallet,
  Webhook,
} from 'lucide-react'
import { lazy } from 'react'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { text as ledger } from '@/text/ledger.ts'
import { text as operate } from '@/text/operate.ts'
import { IconButton } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'
import { Palette, type PaletteEntry } from '@/ui/palette.tsx'
import { SessionWatch } from '@/ui/session-watch.tsx'
import { type PlaceGroup, Shell } from '@/ui/shell.tsx'
import { toggleTheme } from '@/ui/theme-switch.tsx'
import { findRecords } from './find-records.ts'
import { useModules } from './module/schema.ts'
import { useOperator, useSignOut } from './session.ts'

const SignInAgain = lazy(() =>
  import('./sign-in-again.tsx').then((parts) => ({ default: parts.SignInAgain })),
)

const size = 16
const groups: readonly PlaceGroup[] = [
  { places: [{ to: '/ui', label: text.overview, icon: <LayoutDashboard size={size} />, isExact: true }] },
  {
    heading: text.traffic,
    places: [
      { to: '/ui/usage', label: shared.usage, icon: <ChartColumn size={size} /> },
      { to: '/ui/m/routes', label: text.modules.routes, icon: <Route size={size} /> },
      { to: '/ui/m/upstreams', label: text.modules.upstreams, icon: <Server size={size} /> },
      { to: '/ui/route-tester', label: operate.tester, icon: <FlaskConical size={size} /> },
      { to: '/ui/upstreams', label: operate.upstreamHealth, icon: <HeartPulse size={size} /> },
      { to: '/ui/m/apis', label: text.modules.apis, icon: <Boxes size={size} /> },
    ],
  },
  {
    heading: text.customers,
    places: [
      { to: '/ui/m/organizations', label: text.modules.organizations, icon: <Building2 size={size} /> },
      { to: '/ui/m/users', label: text.modules.users, icon: <User size={size} /> },
      { to: '/ui/m/api_keys', label: text.modules.keys, icon: <KeyRound size={size} /> },
    ],
  },
  {
    heading: text.commerce,
    places: [
      { to: '/ui/m/plans', label: text.modules.plans, icon: <Layers size={size} /> },
      { to: '/ui/m/subscriptions', label: text.modules.subscriptions, icon: <Repeat size={size} /> },
      { to: '/ui/m/invoices', label: text.modules.invoices, icon: <Receipt size={size} /> },
      { to: '/ui/m/payments', label: text.modules.payments, icon: <Wallet size={size} /> },
      { to: '/ui/ledger', label: ledger.title, icon: <Scale size={size} /> },
      { to: '/ui/m/webhook_endpoints', label: text.modules.webhooks, icon: <Webhook size={size} /> },
    ],
  },
  {
    heading: text.platform,
    places: [
      { to: '/ui/providers', label: operate.providers, icon: <Plug size={size} /> },
      { to: '/ui/emails', label: operate.emails, icon: <Mail size={size} /> },
      { to: '/ui/jobs', label: operate.jobs, icon: <ListTodo size={size} /> },
      { to: '/ui/audit', label: operate.audit, icon: <ScrollText size={size} /> },
      { to: '/ui/certificates', label: operate.certificates, icon: <BadgeCheck size={size} /> },
      { to: '/ui/health', label: operate.system, icon: <Activity size={size} /> },
      { to: '/ui/m/operators', label: text.modules.operators, icon: <Shield size={size} /> },
      { to: '/ui/settings', label: text.modules.settings, icon: <Settings size={size} /> },
      { to: '/ui/modules', label: text.everything, icon: <LayoutGrid size={size} /> },
    ],
  },
]

/** The frame around every operators' page. */
export function Frame() {
  const navigate = useNavigate()
  const operator = useOperator()
  const signOut = useSignOut()
  const modules = useModules().data ?? []
  const entries: PaletteEntry[] = [
    ...groups.flatMap(({ places }) =>
      places.map(({ to, label }) => ({ label, group: shared.goTo, run: () => void navigate({ to }) })),
    ),
    ...modules.map(({ display_plural, plural, module }) => ({
      label: display_plural,
      group: text.records,
      keywords: [module],
      run: () => void navigate({ to: '/ui/m/$plural', params: { plural }, search: {} }),
    })),
    ...modules
      .filter(({ actions }) => actions.includes('create'))
      .map(({ display_name, plural }) => ({
        label: text.newRecord(display_name),
        group: text.make,
        run: () => void navigate({ to: '/ui/m/$plural', params: { plural }, search: { new: true } }),
      })),
    { label: text.startHere, group: shared.goTo, run: () => void navigate({ to: '/ui/start' }) },
    { label: text.security, group: shared.goTo, run: () => void navigate({ to: '/ui/security' }) },
    { label: shared.theme, group: shared.doNow, run: () => void toggleTheme() },
    { label: shared.signOut, group: shared.doNow, run: () => void signOut() },
  ]
  return (
    <Shell
      home="/ui"
      brand={text.brand}
      groups={groups}
      account={
        <Menu
          trigger={
            <IconButton label={operator?.operator.email ?? shared.menu}>
              <CircleUser size={17} />
            </IconButton>
          }
          heading={
            <>
              {operator?.operator.email}
              <br />
              {operator?.role}
            </>
          }
          items={[
            {
              label: text.security,
              icon: <ShieldCheck size={15} />,
              onSelect: () => void navigate({ to: '/ui/security' }),
            },
            { label: shared.signOut, icon: <LogOut size={15} />, onSelect: () => void signOut() },
          ]}
        />
      }
    >
      <Palette
        entries={entries}
        find={(words, signal) =>
          findRecords(
            words,
            modules,
            (plural, id) => void navigate({ to: '/ui/m/$plural/$id', params: { plural, id } }),
            signal,
          )
        }
      />
      {operator !== undefined && (
        <SessionWatch
          ask={(onDone, onLeave) => (
            <SignInAgain email={operator.operator.email} onDone={onDone} onLeave={onLeave} />
          )}
        />
      )}
      <Outlet />
    </Shell>
  )
}
