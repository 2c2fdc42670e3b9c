import { lazy, Suspense, useEffect, useState } from 'react'

/** Somewhere to go or something to do. */
export interface PaletteEntry {
  readonly label: string
  readonly group: string
  readonly run: () => void
  readonly keywords?: readonly string[]
}

/** Looks for more than is known already, such as records. */
export type FindEntries = (words: string, signal: AbortSignal) => Promise<readonly PaletteEntry[]>

const load = () => import('./palette-dialog.tsx').then((parts) => ({ default: parts.PaletteDialog }))
const PaletteDialog = lazy(load)
const restMs = 2_000

/** The command palette behind Ctrl-K or Cmd-K. */
export function Palette(known: { entries: readonly PaletteEntry[]; find?: FindEntries }) {
  const [isOpen, setOpen] = useState(false)
  const [wasOpen, setWasOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setWasOpen(true)
      setOpen((open) => !open)
    }
    const onAsk = (): void => {
      setWasOpen(true)
      setOpen(true)
    }
    // Once the page is there, so that it opens at once and no first letter is lost; a failure shows when it is opened.
    const rest = setTimeout(() => void load().catch(() => undefined), restMs)
    addEventListener('keydown', onKey)
    addEventListener('palette', onAsk)
    return () => {
      clearTimeout(rest)
      removeEventListener('keydown', onKey)
      removeEventListener('palette', onAsk)
    }
  }, [])
  return (
    wasOpen && (
      <Suspense>
        <PaletteDialog entries={known.entries} find={known.find} isOpen={isOpen} onOpen={setOpen} />
      </Suspense>
    )
  )
}

/** Opens the palette from a button. */
export const openPalette = (): void => void dispatchEvent(new Event('palette'))
