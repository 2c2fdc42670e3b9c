import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import type { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import type { GatewayServer } from '#gateway/server.ts'
import { openLocalGateway } from './local-gateway.ts'
import { openCertificates } from './open-certificates.ts'
import { listen, openDoor } from './open-door.ts'
import type { House } from './open-house.ts'
import type { Traffic } from './traffic.ts'

/** Opens the data plane on the thread of its house: what an instance with one worker is. */
export async function openLocalTraffic(
  house: House,
  metrics: ReturnType<typeof createPrometheusMetrics>,
  files: JournalFiles | undefined,
  drainUsage: () => Promise<unknown>,
): Promise<Traffic> {
  const certificates = openCertificates(house.config, house.log)
  const gateway = await openLocalGateway(house, metrics, files, drainUsage)
  let door: GatewayServer | undefined
  return {
    listen(port, control) {
      door = openDoor(gateway, control, { ...house, metrics, certificates })
      return listen(door.server, { port, host: house.config.host })
    },
    active: () => door?.active() ?? 0,
    isReady: () => Promise.resolve(gateway.journal.isWritable()),
    upstreams: () => Promise.resolve(gateway.upstreams()),
    report: metrics,
    async close(deadlineMs) {
      await door?.drain(deadlineMs)
      certificates?.close()
      gateway.close()
    },
  }
}
