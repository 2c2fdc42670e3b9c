import type { IncomingMessage } from 'node:http'
import { memberRoles } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Who } from '#domain/access/rules.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Door, Principal, PrincipalOf } from './actor.ts'

/** Applies a rule to a request: who it is, nobody where that is allowed, or a refusal; `onKnown` hears who it is, also of one who is refused. */
export type Guard = (
  who: Who,
  request: Request,
  incoming: IncomingMessage,
  onKnown?: (principal: Principal) => void,
) => Promise<Outcome<Principal | undefined>>

/** Whose door each rule is. */
export const doors: Readonly<Record<Exclude<Who, 'anyone'>, Door>> = {
  admin: 'person',
  cashier: 'operator',
  guest: 'person',
  member: 'person',
  operator: 'operator',
  owner: 'person',
  person: 'person',
  scraper: 'operator',
  signed_in: 'either',
  superadmin: 'operator',
  visitor: 'operator',
}
const forOperators = refuse('forbidden', 'Only operators may do this')
const forPeople = refuse('forbidden', 'Only people of an organization may do this; operators are not')
const homeless = refuse('forbidden', 'The account has no place in an organization')
const suspended = refuse('account_suspended', 'The organization is suspended')

/** The guard in front of every handler of the control plane. */
export function createGuard(deps: {
  readonly principalOf: PrincipalOf
  readonly clientAddress: (incoming: IncomingMessage) => string
  readonly isMetricsPublic: () => boolean
  readonly metrics: Pick<Metrics, 'authFailure'>
}): Guard {
  const isLocalScraper = (incoming: IncomingMessage): boolean =>
    isLoopback(deps.clientAddress(incoming)) && !isForwarded(incoming)
  return async (who, request, incoming, onKnown) => {
    if (who === 'anyone') return accept(undefined)
    if (who === 'scraper' && (deps.isMetricsPublic() || isLocalScraper(incoming))) return accept(undefined)
    const found = await deps.principalOf(request, incoming, doors[who])
    // A browser whose session is over is a stranger again; a token that is wrong is a mistake to be told of.
    const mayBeNobody = who === 'visitor' || who === 'guest'
    if (mayBeNobody && !found.ok && !request.headers.has('authorization')) return accept(undefined)
    if (!found.ok) {
      deps.metrics.authFailure('operator')
      return found
    }
    onKnown?.(found.value)
    return judge(who, found.value)
  }
}

/** Whether a rule lets somebody in who is known. */
function judge(who: Exclude<Who, 'anyone'>, principal: Principal): Outcome<Principal | undefined> {
  const { kind } = principal
  if (who === 'visitor' && kind === 'person') return accept(undefined)
  if (who === 'guest') return accept(kind === 'person' ? principal : undefined)
  if (kind === 'operator') {
    if (doors[who] === 'person') return forPeople
    const { role } = principal.operator.actor
    if (who === 'cashier' && role === 'support')
      return refuse('permission_denied', 'Only the roles superadmin and billing may do this')
    return who === 'superadmin' && principal.operator.actor.role !== 'superadmin'
      ? refuse('permission_denied', 'Only a superadmin may do this')
      : accept(principal)
  }
  if (who === 'person') return accept(principal)
  if (who !== 'member' && who !== 'admin' && who !== 'owner' && who !== 'signed_in') return forOperators
  const { actor, isOrganizationActive } = principal.person
  if (actor === undefined) return homeless
  if (!isOrganizationActive) return suspended
  if (who === 'signed_in' || memberRoles.indexOf(actor.role) <= memberRoles.indexOf(who))
    return accept(principal)
  return refuse('permission_denied', `Only the role ${who} may do this`)
}

const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address)

/** A proxy on the same machine stands for clients that may be anywhere. */
const isForwarded = ({ headers }: IncomingMessage): boolean =>
  headers['forwarded'] !== undefined ||
  headers['x-forwarded-for'] !== undefined ||
  headers['x-real-ip'] !== undefined ||
  headers['via'] !== undefined
