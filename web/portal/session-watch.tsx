import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { goToDoor } from '@/data/query-client.ts'
import { askAbove } from '@/data/session-over.ts'
import type { PortalSession } from './session.ts'

const SignInAgain = lazy(() =>
  import('./doors/sign-in-again.tsx').then((parts) => ({ default: parts.SignInAgain })),
)

/** Asks for a new sign-in above the page when the session ends while somebody is at work, so that nothing typed is lost. */
export function SessionWatch({ me }: { me: PortalSession }) {
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
  if (!isOver) return null
  return (
    <Suspense>
      <SignInAgain
        user={me.user}
        onDone={() => settle(true)}
        onLeave={() => {
          settle(false)
          goToDoor()
        }}
      />
    </Suspense>
  )
}
