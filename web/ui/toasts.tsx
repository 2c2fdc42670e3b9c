import { Toast } from 'radix-ui'
import { useSyncExternalStore } from 'react'
import { text } from '@/text/en.ts'
import { classNames } from './class-names.ts'

interface Message {
  readonly id: number
  readonly words: string
  readonly isBad: boolean
  readonly undo?: () => void
}

let messages: readonly Message[] = []
let lastId = 0
const listeners = new Set<() => void>()

function set(next: readonly Message[]): void {
  messages = next
  for (const listener of listeners) listener()
}

/** Says something in passing at the edge of the page; with `undo` it offers to take it back. */
export function say(words: string, options: { isBad?: boolean; undo?: () => void } = {}): void {
  lastId += 1
  const { undo, isBad = false } = options
  set([...messages.slice(-3), { id: lastId, words, isBad, ...(undo === undefined ? {} : { undo }) }])
}

/** Where passing messages appear; once on a page. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => messages,
  )
  const drop = (id: number): void => set(messages.filter((message) => message.id !== id))
  return (
    <Toast.Provider duration={6000}>
      {shown.map(({ id, words, isBad, undo }) => (
        <Toast.Root
          key={id}
          onOpenChange={(open) => !open && drop(id)}
          className={classNames(
            'flex items-center justify-between gap-3 rounded-lg border bg-surface px-4 py-3 shadow-xl',
            isBad && 'border-danger/40',
          )}
        >
          <Toast.Description className={isBad ? 'text-danger' : ''}>{words}</Toast.Description>
          {undo !== undefined && (
            <Toast.Action altText={text.undo} onClick={undo} className="font-medium text-accent">
              {text.undo}
            </Toast.Action>
          )}
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-4 bottom-4 z-50 grid w-80 max-w-[calc(100vw-2rem)] gap-2" />
    </Toast.Provider>
  )
}
