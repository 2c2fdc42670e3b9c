import { refuse } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import type { ChannelRoute } from '#core/channel/http/channel-route.ts'
import type { Module } from '#core/schema/module.ts'

const dashed = (name: string): string => name.replaceAll('_', '-')

/** The modules that have a live channel, by the addresses that it answers: its own, the plural, and with dashes. */
export function livePaths(modules: Iterable<Module>): ReadonlyMap<string, Module> {
  const served = [...modules].filter((module) => module.channels.websocket.enabled)
  const paths = new Map<string, Module>()
  for (const module of served) paths.set(module.channels.websocket.path, module)
  for (const module of served)
    for (const name of [module.name, module.plural, dashed(module.name), dashed(module.plural)])
      if (!paths.has(`/ws/${name}`)) paths.set(`/ws/${name}`, module)
  return paths
}

/** The answer to a request that is no upgrade. */
export const upgradeFirst = (requestId: string): Response =>
  refusalAnswer(refuse('upgrade_required', 'This address speaks WebSocket'), requestId, {
    connection: 'Upgrade',
    upgrade: 'websocket',
  })

const closings =
  'Close codes: 1001 the server stops, 1003 a client sent something, 4401 the credential is no longer valid, 4408 the client does not read fast ' +
  'enough, 4410 the event of `since` is not kept any more.'

/** The addresses of live channels for requests that are no upgrade, which also describes them. */
export function liveRoutes(modules: Iterable<Module>): readonly ChannelRoute[] {
  return [...livePaths(modules)].map(([path, module]) => ({
    method: 'GET',
    path,
    handle: async ({ requestId }) => upgradeFirst(requestId),
    isAlias: path !== module.channels.websocket.path,
    described: {
      id: `watch_${module.plural}`,
      tag: module.meta.displayPlural,
      summary: 'What happens to the records, as WebSocket messages',
      description: `Messages are {"event", "id", "data", "at"}. A browser names the protocols \`apigate\` and \`bearer.<token>\`. ${closings}`,
      parameters: [
        {
          name: 'since',
          in: 'query',
          description:
            'The id of the last event that was seen: goes on with the next one. `first` begins with the oldest that is kept',
          schema: { type: 'string', minLength: 1 },
        },
      ],
      answers: { 101: { description: 'Switching to WebSocket' } },
      errors: ['permission_denied', 'rate_limit_exceeded', 'upgrade_required'],
    },
  }))
}
