import { useRouterState } from '@tanstack/react-router'
import { type RefObject, useEffect, useRef, useState } from 'react'

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

/** A page that is opened by something that is gone with the page before gets the focus: the next key is not the first of the whole frame. */
export function useFocusOnNewPage(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    const isFirst = before.current === undefined
    if (before.current === path) return
    before.current = path
    if (!isFirst && document.activeElement === document.body)
      document.getElementById('content')?.focus({ preventScroll: true })
  }, [path])
}
