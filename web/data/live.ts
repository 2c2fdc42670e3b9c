const againMs = { first: 1_000, most: 30_000 }

/**
 * Follows a live address of the server while the page is looked at; a lost connection is opened again, more and more slowly. The returned
 * function ends that.
 */
export function followLive<Message>(
  path: string,
  told: { readonly onMessage: (message: Message) => void; readonly onState: (isOpen: boolean) => void },
): () => void {
  let waitMs = againMs.first
  let timer: ReturnType<typeof setTimeout> | undefined
  let socket: WebSocket | undefined
  const open = (): void => {
    const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`)
    socket = opened
    opened.onopen = () => {
      waitMs = againMs.first
      told.onState(true)
    }
    opened.onmessage = ({ data }) => told.onMessage(JSON.parse(String(data)) as Message)
    opened.onclose = () => {
      if (socket !== opened) return
      told.onState(false)
      timer = setTimeout(open, waitMs)
      waitMs = Math.min(againMs.most, waitMs * 2)
    }
  }
  const close = (): void => {
    clearTimeout(timer)
    const last = socket
    socket = undefined
    last?.close()
  }
  // Nobody looks at a page in the background: it costs the server nothing.
  const onLook = (): void => {
    close()
    if (document.visibilityState === 'visible') open()
  }
  document.addEventListener('visibilitychange', onLook)
  open()
  return () => {
    document.removeEventListener('visibilitychange', onLook)
    close()
  }
}
