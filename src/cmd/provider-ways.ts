import { randomUUID } from 'node:crypto'
import type { House } from '#bootstrap/open-house.ts'
import type { CapabilityCall } from '#bootstrap/open-providers.ts'
import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import { type RemoteServer, readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'

/** One command, for a server and for the instance's own files. */
export interface Ways {
  readonly remote: (server: RemoteServer) => Promise<Outcome<unknown>>
  readonly local: (house: House) => Promise<Outcome<unknown>>
}

const asSystem = () => ({ actor: systemActor, requestId: `req_${randomUUID()}` })
const post = (server: RemoteServer, path: string, body: unknown): Promise<Outcome<unknown>> =>
  sendDocument(server, path, { contentType: 'application/json', text: JSON.stringify(body) })

/** Every provider. */
export const listWays: Ways = {
  remote: (server) => readDocument(server, '/admin/providers'),
  local: async ({ providers }) => accept(await providers.catalogue.list()),
}
/** One provider. */
export const getWays = (name: string): Ways => ({
  remote: (server) => readDocument(server, `/admin/providers/${encodeURIComponent(name)}`),
  local: ({ providers }) => providers.catalogue.find(name),
})
/** How one provider is, or the active ones. */
export const testWays = (name: string | undefined, capabilities: readonly string[]): Ways => {
  const which = {
    ...(name === undefined ? {} : { name }),
    ...(capabilities.length === 0 ? {} : { capabilities }),
  }
  return {
    remote: (server) => post(server, '/admin/providers/test', which),
    local: ({ providers }) => providers.catalogue.test(which),
  }
}
/** Another active provider. */
export const switchWays = (wish: { capability: string; provider: string; force: boolean }): Ways => ({
  remote: (server) => post(server, '/admin/providers/switch', wish),
  local: ({ providers }) => providers.manage.switchTo({ ...wish, ...asSystem() }),
})
/** A provider on or off. */
export const enablingWays = (name: string, verb: 'enable' | 'disable'): Ways => ({
  remote: (server) => post(server, `/admin/providers/${encodeURIComponent(name)}/${verb}`, {}),
  local: ({ providers }) =>
    providers.manage.setEnabled({ name, isEnabled: verb === 'enable', ...asSystem() }),
})

/** One action of a capability, on the active provider or another. */
export const callWays = (call: CapabilityCall): Ways => ({
  remote: (server) => post(server, '/admin/providers/call', call),
  local: ({ providers }) => providers.callAs({ ...call, ...asSystem() }),
})
