import { mayCallCapabilities } from '#app/providers/call-capability.ts'
import type { Services } from '#core/channel/mcp/capability-tools.ts'
import { createMcp, type Mcp } from '#core/channel/mcp/create-mcp.ts'
import { permits } from '#domain/access/permits.ts'
import type { House } from './open-house.ts'
import { productVersion } from './product-version.ts'

/** The outside services of a house, as agents may call them. */
export const servicesOf = ({ providers }: Pick<House, 'providers'>): Services => ({
  capabilities: providers.known,
  mayCall: mayCallCapabilities,
  call: providers.callAs,
})

/** The tools of a house for agents, without a transport. */
export const openMcp = (house: Pick<House, 'engine' | 'log' | 'providers'>): Mcp =>
  createMcp({
    engine: house.engine,
    authorize: permits,
    version: productVersion(),
    log: house.log,
    services: servicesOf(house),
  })
