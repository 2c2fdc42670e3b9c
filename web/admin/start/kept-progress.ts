import { useState } from 'react'

/** What of the way was behind one before the page was loaded again. A key is not part of it: it is shown once. */
interface Kept {
  readonly plan?: string
  readonly customer?: { readonly id: string; readonly name: string } | undefined
}

const place = 'first-call'

/** What was kept in this window, a way to keep more, and one to begin anew the next time. */
export function useKeptProgress(): readonly [Kept, (more: Kept) => void, () => void] {
  const [kept, setKept] = useState(read)
  const keep = (more: Kept): void => {
    const next = { ...kept, ...more }
    setKept(next)
    write(next)
  }
  return [kept, keep, () => write({})]
}

// A window that may keep nothing forgets when it is loaded again, and that is all.
function read(): Kept {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? '{}') as Kept
  } catch {
    return {}
  }
}

function write(kept: Kept): void {
  try {
    sessionStorage.setItem(place, JSON.stringify(kept))
  } catch {}
}
