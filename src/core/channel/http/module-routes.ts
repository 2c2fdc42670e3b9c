import { Fault, refuse } from '#contract/outcome.ts'
import type { Action, Module } from '../../schema/module.ts'
import { dataAnswer, refusalAnswer } from './answer.ts'
import type { ChannelRoute, HttpMethod, RecordOperation } from './channel-route.ts'
import { describeModule, servedActions, summarizeModule } from './describe-module.ts'
import {
  actionHandler,
  createHandler,
  deleteHandler,
  getHandler,
  listHandler,
  type RecordDependencies,
  updateHandler,
} from './record-handlers.ts'

type Below = Omit<ChannelRoute, 'path'> & { readonly below: string; readonly operation: RecordOperation }

/** Every address of every module that is served over HTTP, and the description of all of them. */
export function moduleRoutes(deps: RecordDependencies): readonly ChannelRoute[] {
  const served = [...deps.engine.modules.values()].filter((module) => module.channels.http.enabled)
  const routes = new Map<string, ChannelRoute>()
  const named: ChannelRoute[] = []
  const owners = new Map<string, string>()
  for (const module of served) {
    for (const base of basesOf(module)) {
      const owner = owners.get(base) ?? module.name
      if (owner !== module.name) {
        throw new Fault('internal_error', `modules ${owner} and ${module.name} are both served at ${base}`)
      }
      owners.set(base, module.name)
      for (const { below, operation, ...route } of routesOf(deps, module)) {
        const path = `${base}${below}`
        const isAlias = operation.isAlias || base !== module.channels.http.basePath
        routes.set(`${route.method} ${path}`, { ...route, path, operation: { ...operation, isAlias } })
      }
    }
    named.push(...namedRoutes(deps, module).filter(({ method, path }) => !routes.has(`${method} ${path}`)))
  }
  // What the YAML names comes first: `/search` must not be read as the id of a record.
  return [...named, ...routes.values(), ...schemaRoutes(deps, served)]
}

const dashed = (name: string): string => name.replaceAll('_', '-')

function basesOf(module: Module): ReadonlySet<string> {
  const names = [module.plural, dashed(module.plural), module.name, dashed(module.name)]
  return new Set([...names.map((name) => `/api/${name}`), module.channels.http.basePath])
}

function routesOf(deps: RecordDependencies, module: Module): readonly Below[] {
  const routes: Below[] = []
  for (const action of servedActions(module)) {
    for (const [index, [method, below]] of usualAddresses[action.kind](action).entries()) {
      const isAlias = action.kind === 'custom' && index > 0
      const operation = { module, action, method, isAlias, isNamed: false }
      routes.push({ method, below, handle: handlerOf(deps, module, action, method), operation })
    }
  }
  return routes
}

/** Where an action answers below the base of its module. */
const usualAddresses: Readonly<Record<Action['kind'], (action: Action) => [HttpMethod, string][]>> = {
  create: () => [['POST', '']],
  custom: ({ name }) => [...new Set([name, dashed(name)])].map((word) => ['POST', `/:id/${word}`]),
  delete: () => [['DELETE', '/:id']],
  get: () => [['GET', '/:id']],
  list: () => [['GET', '']],
  update: () => [
    ['PUT', '/:id'],
    ['PATCH', '/:id'],
  ],
}

function handlerOf(
  deps: RecordDependencies,
  module: Module,
  action: Action,
  method: HttpMethod,
): ChannelRoute['handle'] {
  const handlers: Readonly<Record<Action['kind'], () => ChannelRoute['handle']>> = {
    create: () => createHandler(deps, module, action),
    custom: () => actionHandler(deps, module, action),
    delete: () => deleteHandler(deps, module, action),
    get: () => getHandler(deps, module),
    list: () => listHandler(deps, module),
    update: () => updateHandler(deps, module, action, method === 'PUT' ? 'replace' : 'merge'),
  }
  return handlers[action.kind]()
}

/** The addresses that the YAML names itself; one that is usual for another action stays with that. */
function namedRoutes(deps: RecordDependencies, module: Module): readonly ChannelRoute[] {
  const { basePath, endpoints } = module.channels.http
  return endpoints.flatMap(({ action: name, method, path }) => {
    const action = module.actions.get(name)
    if (action === undefined) return []
    const below = path === '/' ? '' : path.replaceAll('{id}', ':id')
    const operation = { module, action, method, isAlias: false, isNamed: true }
    return [
      { method, path: `${basePath}${below}`, handle: handlerOf(deps, module, action, method), operation },
    ]
  })
}

function schemaRoutes({ engine }: RecordDependencies, served: readonly Module[]): readonly ChannelRoute[] {
  return [
    { method: 'GET', path: '/api/_schema', handle: async () => dataAnswer(served.map(summarizeModule)) },
    {
      method: 'GET',
      path: '/api/_schema/:module',
      handle: async ({ parameters, requestId }) => {
        const module = engine.module(parameters['module'] ?? '')
        return module?.channels.http.enabled
          ? dataAnswer(describeModule(module))
          : refusalAnswer(refuse('not_found', 'No such module'), requestId)
      },
    },
  ]
}
