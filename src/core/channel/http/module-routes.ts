import { Fault, refuse } from '#contract/outcome.ts'
import type { Module } from '../../schema/module.ts'
import { dataAnswer, refusalAnswer } from './answer.ts'
import type { ChannelRoute, HttpMethod } from './channel-route.ts'
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

type Below = Omit<ChannelRoute, 'path'> & { readonly below: string }

/** Every address of every module that is served over HTTP, and the description of all of them. */
export function moduleRoutes(deps: RecordDependencies): readonly ChannelRoute[] {
  const served = [...deps.engine.modules.values()].filter((module) => module.channels.http.enabled)
  const routes = new Map<string, ChannelRoute>()
  const owners = new Map<string, string>()
  for (const module of served) {
    for (const base of basesOf(module)) {
      const owner = owners.get(base) ?? module.name
      if (owner !== module.name) {
        throw new Fault('internal_error', `modules ${owner} and ${module.name} are both served at ${base}`)
      }
      owners.set(base, module.name)
      for (const { method, below, handle } of routesOf(deps, module)) {
        const path = `${base}${below}`
        routes.set(`${method} ${path}`, { method, path, handle })
      }
    }
  }
  return [...routes.values(), ...schemaRoutes(deps, served)]
}

const dashed = (name: string): string => name.replaceAll('_', '-')

function basesOf(module: Module): ReadonlySet<string> {
  const names = [module.plural, dashed(module.plural), module.name, dashed(module.name)]
  return new Set([...names.map((name) => `/api/${name}`), module.channels.http.basePath])
}

function routesOf(deps: RecordDependencies, module: Module): readonly Below[] {
  const routes: Below[] = []
  const add = (method: HttpMethod, below: string, handle: ChannelRoute['handle']): void => {
    routes.push({ method, below, handle })
  }
  for (const action of servedActions(module)) {
    if (action.kind === 'list') add('GET', '', listHandler(deps, module))
    else if (action.kind === 'get') add('GET', '/:id', getHandler(deps, module))
    else if (action.kind === 'create') add('POST', '', createHandler(deps, module, action))
    else if (action.kind === 'delete') add('DELETE', '/:id', deleteHandler(deps, module, action))
    else if (action.kind === 'update') {
      add('PUT', '/:id', updateHandler(deps, module, action, 'replace'))
      add('PATCH', '/:id', updateHandler(deps, module, action, 'merge'))
    } else {
      for (const name of new Set([action.name, dashed(action.name)])) {
        add('POST', `/:id/${name}`, actionHandler(deps, module, action))
      }
    }
  }
  return routes
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
