import { hasTyped } from '@/data/session-over.ts'

const lastKey = 'apigate-loaded-anew'
const patienceMs = 60_000

/** Loads the page anew when a part of it is gone, as a newer version was installed meanwhile; once, and never over what somebody types. */
export function followNewerBuild(): void {
  addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(lastKey) ?? 0)
    if (hasTyped() || Date.now() - last < patienceMs) return
    sessionStorage.setItem(lastKey, String(Date.now()))
    event.preventDefault()
    location.reload()
  })
}
