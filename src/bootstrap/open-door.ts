import type { AddressInfo, ListenOptions, Server } from 'node:net'
import { Fault } from '#contract/outcome.ts'
import { type ControlHandler, createGatewayServer, type GatewayServer } from '#gateway/server.ts'
import type { CertificateSource } from '#ports/certificates.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Gateway } from './open-gateway.ts'

/** Limits of every listening side. */
export const serverLimits = {
  maxHeadBytes: 32_768,
  headTimeoutMs: 20_000,
  keepAliveTimeoutMs: 75_000,
  bodySilenceMs: 60_000,
}

/** Puts a data plane behind a door that does not listen yet, the same on every thread; `control` answers its own paths where it shares the port. */
export function openDoor(
  gateway: Gateway,
  control: ControlHandler | undefined,
  deps: {
    readonly ids: Ids
    readonly log: Log
    readonly metrics: Metrics
    /** Undefined for plain HTTP. */
    readonly certificates: CertificateSource | undefined
    readonly onActive?: (active: number) => void
  },
): GatewayServer {
  return createGatewayServer({
    handle: gateway.handle,
    control,
    claims: gateway.claims,
    drainUpgraded: gateway.drainWebSockets,
    metrics: deps.metrics,
    newRequestId: () => deps.ids.next('req'),
    log: deps.log,
    limits: serverLimits,
    ...(deps.certificates === undefined ? {} : { certificates: deps.certificates }),
    ...(deps.onActive === undefined ? {} : { onActive: deps.onActive }),
  })
}

/** Listens, and answers the port; a Fault says what to do when that is not possible. */
export function listen(server: Server, options: ListenOptions & { readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new Fault('conflict', listenProblem(cause, options), { cause }))
    })
    server.listen(options, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenProblem(error: NodeJS.ErrnoException, { port, host = '' }: ListenOptions): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is in use: choose another with --port, or stop what uses it`
  if (error.code === 'EACCES') return `Port ${port} needs more rights: choose one above 1023 with --port`
  return `Cannot listen on ${host}:${port}: ${error.message}`
}
