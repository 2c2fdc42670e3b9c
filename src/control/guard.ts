import type { IncomingMessage } from 'node:http'
import type { AuthenticatedOperator } from '#app/identity/authenticate-operator.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Who } from '#domain/access/rules.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { OperatorOf } from './actor.ts'

/** Applies a rule to a request: the operator, nobody where that is allowed, or a refusal; `onKnown` hears who it is, also of one who is refused. */
export type Guard = (
  who: Who,
  request: Request,
  incoming: IncomingMessage,
  onKnown?: (operator: AuthenticatedOperator) => void,
) => Promise<Outcome<AuthenticatedOperator | undefined>>

/** The guard in front of every handler of the control plane. */
export function createGuard(deps: {
  readonly operatorOf: OperatorOf
  readonly clientAddress: (incoming: IncomingMessage) => string
  readonly isMetricsPublic: () => boolean
  readonly metrics: Pick<Metrics, 'authFailure'>
}): Guard {
  const isLocalScraper = (incoming: IncomingMessage): boolean =>
    isLoopback(deps.clientAddress(incoming)) && !isForwarded(incoming)
  return async (who, request, incoming, onKnown) => {
    if (who === 'anyone') return accept(undefined)
    if (who === 'scraper' && (deps.isMetricsPublic() || isLocalScraper(incoming))) return accept(undefined)
    const operator = await deps.operatorOf(request)
    // A browser whose session is over is a stranger again; a token that is wrong is a mistake to be told of.
    if (who === 'visitor' && !operator.ok && !request.headers.has('authorization')) return accept(undefined)
    if (!operator.ok) {
      deps.metrics.authFailure('operator')
      return operator
    }
    onKnown?.(operator.value)
    return who === 'superadmin' && operator.value.actor.role !== 'superadmin'
      ? refuse('permission_denied', 'Only a superadmin may do this')
      : operator
  }
}

const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address)

/** A proxy on the same machine stands for clients that may be anywhere. */
const isForwarded = ({ headers }: IncomingMessage): boolean =>
  headers['forwarded'] !== undefined ||
  headers['x-forwarded-for'] !== undefined ||
  headers['x-real-ip'] !== undefined ||
  headers['via'] !== undefined
