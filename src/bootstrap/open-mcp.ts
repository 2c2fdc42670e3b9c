import { createMcp, type Mcp } from '#core/channel/mcp/create-mcp.ts'
import { permits } from '#domain/access/permits.ts'
import type { House } from './open-house.ts'
import { productVersion } from './product-version.ts'

/** The tools of a house for agents, without a transport. */
export const openMcp = ({ engine, log }: Pick<House, 'engine' | 'log'>): Mcp =>
  createMcp({ engine, authorize: permits, version: productVersion(), log })
