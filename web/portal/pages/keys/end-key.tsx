import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ComponentProps, useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text } from '@/text/portal.ts'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Field, Select } from '@/ui/field.tsx'
import { say } from '@/ui/toasts.tsx'
import type { Key, NewKey } from './read-keys.ts'

const hour = 3_600
const day = 24 * hour
/** How long the old key may serve on: at once over is for one that is in wrong hands. */
const graces = [0, hour, day, 7 * day, 30 * day] as const

/** Asks how long the old key may serve, and makes the new one. */
export function RotateDialog({
  of,
  onClose,
  onMade,
}: {
  of: Key | undefined
  onClose: () => void
  onMade: (key: NewKey) => void
}) {
  const client = useQueryClient()
  const [grace, setGrace] = useState<number>(day)
  const callOnce = useCallOnce()
  const rotate = useMutation({
    mutationFn: ({ id }: Key) =>
      callOnce<NewKey>('POST', `/api/v1/keys/${id}/rotate`, { grace_seconds: grace }),
    onSuccess: (made) => {
      onClose()
      onMade(made)
      return client.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  return (
    <EndDialog
      {...{ of, onClose }}
      end={rotate}
      title={text.rotateTitle(of?.name ?? '')}
      verb={text.rotate}
      look="primary"
    >
      <div className="grid gap-4">
        <p>{text.rotateHelp}</p>
        <Field label={text.graceLabel}>
          {(control) => (
            <Select {...control} value={grace} onChange={(event) => setGrace(Number(event.target.value))}>
              {graces.map((seconds, index) => (
                <option key={seconds} value={seconds}>
                  {text.graces[index]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </EndDialog>
  )
}

/** Asks for the name of the key that is to be refused from now on. */
export function RevokeDialog({ of, onClose }: { of: Key | undefined; onClose: () => void }) {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: ({ id }: Key) => call('DELETE', `/api/v1/keys/${id}`),
    onSuccess: (_, { name }) => {
      onClose()
      say(text.revokedNow(name))
      return client.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  return (
    <EndDialog
      {...{ of, onClose }}
      end={revoke}
      title={text.revokeTitle(of?.name ?? '')}
      verb={text.revoke}
      {...(of === undefined ? {} : { typed: of.name })}
    >
      {text.revokeHelp}
    </EndDialog>
  )
}

/** Asks before a key ends; why it could not be ended is forgotten when it is closed. */
function EndDialog({
  of,
  onClose,
  end,
  ...question
}: {
  of: Key | undefined
  onClose: () => void
  end: Pick<UseMutationResult<unknown, Error, Key>, 'mutate' | 'reset' | 'isPending' | 'error'>
} & Pick<ComponentProps<typeof ConfirmDialog>, 'title' | 'verb' | 'look' | 'typed' | 'children'>) {
  return (
    <ConfirmDialog
      isOpen={of !== undefined}
      onClose={() => {
        onClose()
        end.reset()
      }}
      onConfirm={() => of !== undefined && end.mutate(of)}
      isBusy={end.isPending}
      error={end.error === null ? undefined : wordsOf(end.error)}
      {...question}
    />
  )
}
