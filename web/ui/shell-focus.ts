import { type RefObject, useEffect, useState } from 'react'

/** Whether the side bar is slid in: it has the focus then, and gives it back. Where there is room for it, it always stands there. */
export function useSlidingBar(opener: RefObject<HTMLElement | null>, closer: RefObject<HTMLElement | null>) {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (!isOpen) return
    const abort = new AbortController()
    const { signal } = abort
    const close = (): void => setOpen(false)
    addEventListener('keydown', ({ key }) => key === 'Escape' && close(), { signal })
    matchMedia('(min-width: 64rem)').addEventListener('change', close, { signal })
    closer.current?.focus()
    const menu = opener.current
    return () => {
      abort.abort()
      menu?.focus()
    }
  }, [isOpen, opener, closer])
  return [isOpen, setOpen] as const
}

/**
 * What had the focus and is gone, as the page before is, or what an empty list said once there is something in it, leaves it to the page:
 * the next key is not the first of the whole frame.
 */
export function useFocusNeverLost(): void {
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    let last: Element | null = null
    const isNowhere = (): boolean => document.activeElement === document.body
    const look = (): void => {
      if (last === null || last.isConnected || !isNowhere()) return
      last = null
      const content = document.getElementById('content')
      // What lies above the page gives the focus back by itself.
      if (content?.closest('[aria-hidden="true"], [inert]') === null) content.focus({ preventScroll: true })
    }
    const gained = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? target : null
    }
    // Whoever clicks beside everything has left it; what is taken out of the page is so a moment later.
    const lost = ({ target }: FocusEvent): void =>
      queueMicrotask(() => {
        if (target === last && last?.isConnected === true && isNowhere()) last = null
      })
    addEventListener('focusin', gained, { signal })
    addEventListener('focusout', lost, { signal })
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      abort.abort()
      observer.disconnect()
    }
  }, [])
}
