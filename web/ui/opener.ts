import { useRef } from 'react'

/** Gives the focus back, when what lies above the page closes, to what had it before; where that is gone, as what was deleted is, to the page, and never to nowhere. */
export function useOpener() {
  const opener = useRef<Element | null>(null)
  return {
    onOpenAutoFocus: (): void => {
      opener.current = document.activeElement
    },
    onCloseAutoFocus: (event: Event): void => {
      event.preventDefault()
      if (opener.current instanceof HTMLElement && opener.current !== document.body) opener.current.focus()
      if (document.activeElement === document.body) document.getElementById('content')?.focus()
    },
  }
}
