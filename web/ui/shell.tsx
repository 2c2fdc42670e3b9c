import { Link } from '@tanstack/react-router'
import { Menu as MenuIcon, Search, X } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { text } from '@/text/en.ts'
import { IconButton } from './button.tsx'
import { classNames } from './class-names.ts'
import { openPalette } from './palette.tsx'
import { useFocusNeverLost, useSlidingBar } from './shell-focus.ts'
import { ThemeSwitch } from './theme-switch.tsx'
import { Toasts } from './toasts.tsx'

/** A place in the side bar. */
export interface Place {
  readonly to: string
  readonly label: string
  readonly icon: ReactNode
  /** Only lit when one is exactly there. */
  readonly isExact?: boolean
  /** Not a page of this application. */
  readonly isElsewhere?: boolean
}

/** Places under a heading. */
export interface PlaceGroup {
  readonly heading?: string
  readonly places: readonly Place[]
}

/** The frame of an application: side bar, top bar, and the page. On a phone the side bar slides in. */
export function Shell({
  home,
  brand,
  logo,
  groups,
  account,
  banner,
  children,
}: {
  home: string
  brand: string
  logo?: string | undefined
  groups: readonly PlaceGroup[]
  account: ReactNode
  banner?: ReactNode
  children: ReactNode
}) {
  const opener = useRef<HTMLButtonElement>(null)
  const closer = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useSlidingBar(opener, closer)
  useFocusNeverLost()
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_1fr]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:px-3 focus:py-2"
      >
        {text.skipToContent}
      </a>
      {isOpen && (
        <div
          aria-hidden
          className="fixed inset-0 z-30 bg-black/50 lg:hidden"
          onClick={() => setOpen(false)}
        />
      )}
      <aside
        className={classNames(
          'fixed inset-y-0 left-0 z-40 flex w-64 flex-col border-r bg-surface lg:sticky lg:top-0 lg:h-dvh lg:w-auto lg:visible lg:translate-x-0',
          'transition-transform',
          isOpen ? 'visible translate-x-0' : 'invisible -translate-x-full',
        )}
      >
        <div className="flex h-14 shrink-0 items-center justify-between px-4">
          <Link to={home} className="flex min-w-0 items-center gap-2 font-semibold tracking-tight">
            <Logo address={logo} size={22} />
            <span className="truncate">{brand}</span>
          </Link>
          <IconButton ref={closer} label={text.close} className="lg:hidden" onClick={() => setOpen(false)}>
            <X size={16} />
          </IconButton>
        </div>
        <nav aria-label={text.menu} className="flex-1 overflow-y-auto px-2.5 pb-4">
          {groups.map(({ heading, places }, index) => (
            <div key={heading ?? index} className="mb-3">
              {heading !== undefined && (
                <p className="px-2.5 pt-2 pb-1 text-xs font-medium text-quiet">{heading}</p>
              )}
              {places.map((place) => (
                <PlaceLink key={place.to} place={place} onGo={() => setOpen(false)} />
              ))}
            </div>
          ))}
        </nav>
      </aside>
      <div className="flex min-w-0 flex-col" inert={isOpen}>
        <header className="sticky top-0 z-20 flex h-14 items-center justify-between gap-2 border-b bg-ground/85 px-4 backdrop-blur">
          <div className="flex items-center gap-2">
            <IconButton
              ref={opener}
              label={text.menu}
              aria-expanded={isOpen}
              className="lg:hidden"
              onClick={() => setOpen(true)}
            >
              <MenuIcon size={17} />
            </IconButton>
            <button
              type="button"
              onClick={openPalette}
              className="flex h-8 items-center gap-2 rounded-md border bg-surface px-2.5 text-[13px] text-quiet hover:text-text sm:w-64"
            >
              <Search size={14} aria-hidden />
              <span className="sr-only sm:not-sr-only">{text.palette}</span>
              <kbd aria-hidden className="ml-auto hidden rounded border px-1 font-mono text-[11px] sm:inline">
                Ctrl K
              </kbd>
            </button>
          </div>
          <div className="flex items-center gap-1">
            <ThemeSwitch />
            {account}
          </div>
        </header>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-6xl flex-1 px-4 py-6 outline-none sm:px-6"
        >
          {banner}
          {children}
        </main>
      </div>
      <Toasts />
    </div>
  )
}

function PlaceLink({
  place: { to, label, icon, isExact, isElsewhere },
  onGo,
}: {
  place: Place
  onGo: () => void
}) {
  const shape = 'flex items-center gap-2.5 rounded-md px-2.5 py-1.5'
  const atRest = 'text-quiet hover:bg-raised hover:text-text'
  const shown = (
    <>
      {icon}
      <span className="truncate">{label}</span>
    </>
  )
  if (isElsewhere)
    return (
      <a href={to} className={classNames(shape, atRest)}>
        {shown}
      </a>
    )
  return (
    <Link
      to={to}
      onClick={onGo}
      activeOptions={{ exact: isExact === true, includeSearch: false }}
      activeProps={{ className: 'bg-accent-soft text-accent font-medium' }}
      inactiveProps={{ className: atRest }}
      className={shape}
    >
      {shown}
    </Link>
  )
}

/** A logo as high as asked, and as wide as it is; the product's own where there is none. */
const Logo = ({ address, size }: { address: string | undefined; size: number }) =>
  address === undefined ? (
    <img src="/assets/icon.svg" alt="" width={size} height={size} />
  ) : (
    <img
      src={address}
      alt=""
      height={size}
      style={{ height: size, maxWidth: size * 6 }}
      className="object-contain"
    />
  )

/** The frame of a page that is a form and nothing else: signing in, setting up. */
export function LonePage({
  title,
  lead,
  brand,
  logo,
  children,
}: {
  title: string
  lead?: ReactNode
  /** Whose door it is, where that is not plain. */
  brand?: string
  logo?: string | undefined
  children: ReactNode
}) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm grid-cols-1 content-center px-4 py-10 wrap-anywhere">
      <p className="mb-5 flex items-center gap-2.5 font-semibold tracking-tight">
        <Logo address={logo} size={36} />
        {brand}
      </p>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {lead !== undefined && <p className="mt-1 text-quiet">{lead}</p>}
      <div className="mt-6">{children}</div>
      <div className="fixed top-3 right-3">
        <ThemeSwitch />
      </div>
      <Toasts />
    </main>
  )
}
