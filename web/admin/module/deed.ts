import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { optimistic } from '@/ui/optimistic.ts'
import { say } from '@/ui/toasts.tsx'
import { isOffered, type ModuleAction, type ModuleRecord, type ModuleSchema } from './schema.ts'

/** Something done with a record whose outcome is known before the server has answered. */
export interface Deed {
  readonly action: ModuleAction
  readonly values: Readonly<Record<string, unknown>>
  readonly outcome: Readonly<Record<string, unknown>>
  readonly said: string
  /** What brings the record back to how it was, where something does. */
  readonly back: Deed | undefined
}

/** The deed that an action is; undefined where only the server knows what becomes of the record. */
export function deedOf(
  schema: ModuleSchema,
  action: ModuleAction,
  record: ModuleRecord,
  isBack = false,
): Deed | undefined {
  if (action.sets === null) return undefined
  const now = new Date().toISOString()
  const outcome = Object.fromEntries(
    Object.entries(action.sets).map(([name, value]) => [name, value === 'now()' ? now : value]),
  )
  const after = { ...record, ...outcome }
  const opposite = isBack
    ? undefined
    : schema.actions.find(
        (other) => other.sets !== null && isOffered(other, after) && bringsBack(other.sets, outcome, record),
      )
  return {
    action,
    values: {},
    outcome,
    said: text.done(action.label),
    back: opposite === undefined ? undefined : deedOf(schema, opposite, after, true),
  }
}

/** True when what is set is what the record had, for all that was changed. */
const bringsBack = (
  sets: Readonly<Record<string, unknown>>,
  changed: Readonly<Record<string, unknown>>,
  before: ModuleRecord,
): boolean =>
  Object.keys(changed).every((name) => name in sets) &&
  Object.entries(sets).every(([name, value]) => value === (before[name] ?? null))

/** Turning a record on or off, where its module has such a switch and lets it be written. */
export function switchDeed(schema: ModuleSchema, record: ModuleRecord): Deed | undefined {
  const action = schema.actions.find((action) => action.kind === 'update' && isOffered(action, record))
  const field = schema.fields.find(({ name, read_only }) => name === 'enabled' && !read_only)
  const isOn = record['enabled']
  if (action === undefined || field?.widget !== 'switch' || typeof isOn !== 'boolean') return undefined
  const turn = (enabled: boolean, back?: Deed): Deed => ({
    action,
    values: { enabled },
    outcome: { enabled },
    said: enabled ? text.enabled(schema.display_name) : text.disabled(schema.display_name),
    back,
  })
  return turn(!isOn, turn(isOn))
}

/** Does deeds with a record: their outcome shows at once, can be taken back, and goes when the server refuses. */
export function useDeed(schema: ModuleSchema, record: ModuleRecord) {
  const client = useQueryClient()
  const mutation = useMutation({
    mutationFn: ({ action, values }: Deed) =>
      call(action.method, action.path.replace('{id}', encodeURIComponent(record.id)), values),
    onSuccess: (_, { said, back }) =>
      say(said, back === undefined ? {} : { undo: () => mutation.mutate(back) }),
    ...optimistic<ModuleRecord, Deed>(
      client,
      ['module', schema.module, 'record', record.id],
      (known, { outcome }) => ({ ...known, ...outcome }),
    ),
    onSettled: () => client.invalidateQueries({ queryKey: ['module', schema.module] }),
  })
  return mutation.mutate
}
