import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { refuse } from '#contract/outcome.ts'
import { answerRefusal } from '#gateway/refuse.ts'
import { type ControlHandler, createGatewayServer } from '#gateway/server.ts'
import type { CertificateSource } from '#ports/certificates.ts'
import { serverLimits } from './open-door.ts'
import type { House } from './open-house.ts'

/** The control plane's own port, where the gateway has another. */
export interface ControlDoor {
  readonly server: Server
  /** Ends every connection. */
  close(): Promise<void>
}

/** Puts the control plane behind a door that does not listen yet. */
export function openControlDoor(
  control: ControlHandler & Pick<Required<ControlHandler>, 'upgrade'>,
  { ids, log }: House,
  certificates: CertificateSource | undefined,
): ControlDoor {
  if (certificates === undefined) {
    const server = createServer({ maxHeaderSize: serverLimits.maxHeadBytes }, control).on(
      'upgrade',
      control.upgrade,
    )
    return {
      server,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    }
  }
  const newRequestId = (): string => ids.next('req')
  const door = createGatewayServer({
    handle: (inbound) => void answerRefusal(inbound, refuse('not_found', 'Nothing is here'), newRequestId()),
    control,
    claims: () => false,
    drainUpgraded: () => Promise.resolve(),
    metrics: { gatewayRequest() {} },
    newRequestId,
    certificates,
    log,
    limits: serverLimits,
  })
  return { server: door.server, close: () => door.drain(0) }
}
