import { lazy } from 'react'
import { SessionWatch as Watch } from '@/ui/session-watch.tsx'
import type { PortalSession } from './session.ts'

const SignInAgain = lazy(() =>
  import('./doors/sign-in-again.tsx').then((parts) => ({ default: parts.SignInAgain })),
)

/** Lets whoever is at work in the portal sign in again above it. */
export const SessionWatch = ({ me }: { me: PortalSession }) => (
  <Watch ask={(onDone, onLeave) => <SignInAgain user={me.user} onDone={onDone} onLeave={onLeave} />} />
)
