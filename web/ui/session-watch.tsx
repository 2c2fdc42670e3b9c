import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { goToDoor } from '@/data/query-client.ts'
import { askAbove } from '@/data/session-over.ts'

/** Asks for a new sign-in above the page when the session ends while somebody is at work, so that nothing typed is lost. */
export function SessionWatch({ ask }: { ask: (onDone: () => void, onLeave: () => void) => ReactNode }) {
  const [isOver, setOver] = useState(false)
  const waiting = useRef<((isIn: boolean) => void)[]>([])
  useEffect(
    () =>
      askAbove(() => {
        setOver(true)
        return new Promise((done) => waiting.current.push(done))
      }),
    [],
  )
  const settle = (isIn: boolean): void => {
    setOver(false)
    for (const done of waiting.current.splice(0)) done(isIn)
  }
  const leave = (): void => {
    settle(false)
    goToDoor()
  }
  return isOver ? <Suspense>{ask(() => settle(true), leave)}</Suspense> : null
}
