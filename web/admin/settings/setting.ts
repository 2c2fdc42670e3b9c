import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/settings.ts'
import { say } from '@/ui/toasts.tsx'
import { dottedName } from '../operate/dotted-name.ts'

/** A setting: what it does, its default, and what it is while it is set. */
export interface Setting {
  readonly key: string
  /** In words; of what the product does not know, those of its key. */
  readonly title: string
  readonly group: string
  readonly widget: string
  readonly description: string
  readonly usual: string
  readonly values: readonly string[]
  readonly id: string | null
  readonly value: string | null
  readonly updated_at: string | null
}

const queryKey = ['settings'] as const

/** All settings. */
export const useSettings = () =>
  useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const listed = await read<readonly Setting[]>('/admin/settings', signal)
      return listed.map((one) => (one.title === '' ? { ...one, title: dottedName(one.key) } : one))
    },
  })

interface Wish<Of = Setting> {
  readonly setting: Of
  /** null is back to the default. */
  readonly value: string | null
}

/** Writes one setting, or takes it away. */
export const writeSetting = ({
  setting: { key, id, widget },
  value,
}: Wish<Pick<Setting, 'key' | 'id' | 'widget'>>): Promise<unknown> => {
  if (value === null) return id === null ? Promise.resolve() : call('DELETE', `/api/settings/${id}`)
  const content = widget === 'secret' ? { secret_value: value } : { value }
  return id === null
    ? call('POST', '/api/settings', { key, ...content })
    : call('PATCH', `/api/settings/${id}`, content)
}

/** Writes a setting: shown at once, taken back when it is refused, and undone on request unless it was a secret. */
export function useWriteSetting() {
  const client = useQueryClient()
  const known = (): readonly Setting[] => client.getQueryData<readonly Setting[]>(queryKey) ?? []
  const write = useMutation({
    mutationFn: writeSetting,
    onMutate: async ({ setting: { key, widget }, value }: Wish) => {
      await client.cancelQueries({ queryKey })
      const before = known()
      const shown = widget === 'secret' ? null : value
      client.setQueryData(
        queryKey,
        before.map((one) => (one.key === key ? { ...one, value: shown } : one)),
      )
      return { before }
    },
    onError: (_refusal, _wish, made) => {
      if (made !== undefined) client.setQueryData(queryKey, made.before)
    },
    onSuccess: async (_answer, { setting, value }, made) => {
      await client.invalidateQueries({ queryKey })
      const old = made.before.find(({ key }) => key === setting.key)
      const undo = (): void => {
        const now = known().find(({ key }) => key === setting.key)
        if (now !== undefined && old !== undefined)
          write.mutate(
            { setting: now, value: old.value },
            { onError: (refusal) => say(wordsOf(refusal), { isBad: true }) },
          )
      }
      say(
        value === null ? text.wasReset(setting.title) : text.saved(setting.title),
        setting.widget === 'secret' ? {} : { undo },
      )
    },
  })
  return write
}
