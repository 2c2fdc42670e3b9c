import type { Action, Module } from './module.ts'

const pastTense: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
}

/** The event that an action tells: `ticket.created`, `ticket.answer`. */
export const eventOf = ({ name }: Pick<Module, 'name'>, action: Pick<Action, 'kind' | 'name'>): string =>
  `${name}.${pastTense[action.kind] ?? action.name}`

/** The types of events that modules tell, and the patterns that stand for all of a module (`ticket.*`) or for everything (`*`). */
export function eventTypes(modules: Iterable<Module>): ReadonlySet<string> {
  const types = new Set<string>(['*'])
  for (const module of modules) {
    types.add(`${module.name}.*`)
    for (const action of module.actions.values())
      if (action.kind !== 'list' && action.kind !== 'get') types.add(eventOf(module, action))
    for (const step of [...module.hooks.values()].flat()) if (step.kind === 'emit') types.add(step.event)
  }
  return types
}
