import {
  Bell,
  BookOpen,
  ChartColumn,
  CreditCard,
  Gauge,
  Home,
  KeyRound,
  Receipt,
  ScrollText,
  Settings,
  ShieldCheck,
  Users,
  Wallet,
  Webhook,
} from 'lucide-react'
import { text as alerts } from '@/text/alerts.ts'
import { text as billing } from '@/text/billing.ts'
import { text as methods } from '@/text/methods.ts'
import { text } from '@/text/portal.ts'
import { text as webhooks } from '@/text/webhooks.ts'
import type { PlaceGroup } from '@/ui/shell.tsx'
import type { PortalSession } from './session.ts'

const size = 16
/** Where one can go; what only owners and admins may see is not offered to members. */
export function placesFor(role: PortalSession['user']['role'] | undefined): readonly PlaceGroup[] {
  const isAdmin = role === 'owner' || role === 'admin'
  return [
    {
      places: [
        { to: '/portal', label: text.home, icon: <Home size={size} />, isExact: true },
        { to: '/portal/keys', label: text.keys, icon: <KeyRound size={size} /> },
        { to: '/portal/usage', label: text.usage, icon: <ChartColumn size={size} /> },
        { to: '/portal/plan', label: billing.plan, icon: <Gauge size={size} /> },
        { to: '/portal/alerts', label: alerts.alerts, icon: <Bell size={size} /> },
        ...(isAdmin
          ? [
              { to: '/portal/invoices', label: billing.invoices, icon: <Receipt size={size} /> },
              { to: '/portal/billing', label: billing.creditPage, icon: <Wallet size={size} /> },
              { to: '/portal/payment-methods', label: methods.methods, icon: <CreditCard size={size} /> },
            ]
          : []),
      ],
    },
    {
      heading: text.organizationName,
      places: [
        { to: '/portal/team', label: text.team, icon: <Users size={size} /> },
        ...(isAdmin
          ? [
              { to: '/portal/webhooks', label: webhooks.webhooks, icon: <Webhook size={size} /> },
              { to: '/portal/audit', label: webhooks.audit, icon: <ScrollText size={size} /> },
            ]
          : []),
        { to: '/portal/settings', label: text.settings, icon: <Settings size={size} /> },
      ],
    },
    {
      heading: text.account,
      places: [
        { to: '/portal/security', label: text.security, icon: <ShieldCheck size={size} /> },
        { to: '/docs', label: text.docs, icon: <BookOpen size={size} />, isElsewhere: true },
      ],
    },
  ]
}

const adminPaths = ['/portal/invoices', '/portal/payment-methods', '/portal/webhooks', '/portal/audit']

/** Whether an address is one of a page that members do not see. */
export const isForAdmins = (path: string): boolean =>
  adminPaths.some((one) => path === one || path.startsWith(`${one}/`))
