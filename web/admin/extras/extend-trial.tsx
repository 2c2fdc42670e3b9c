import { useQueryClient } from '@tanstack/react-query'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/money-desk.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'

const weekMs = 7 * 86_400_000

/** A later end for a trial that is under way. */
export function ExtendTrial({
  subscription,
  isOpen,
  onClose,
}: {
  subscription: ModuleRecord
  isOpen: boolean
  onClose: () => void
}) {
  const client = useQueryClient()
  const end = Date.parse(String(subscription['trial_end'] ?? '')) || Date.now()
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { trial_end: new Date(end + weekMs).toISOString().slice(0, 16) },
    async ({ trial_end }) => {
      await call('PATCH', `/api/subscriptions/${subscription.id}`, { trial_end: `${trial_end}:00Z` })
      say(text.extended, {
        undo: () =>
          void call('PATCH', `/api/subscriptions/${subscription.id}`, {
            trial_end: subscription['trial_end'],
          }).then(() => client.invalidateQueries({ queryKey: ['module'] })),
      })
      onClose()
      await client.invalidateQueries({ queryKey: ['module'] })
    },
  )
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={text.extend} description={text.extendHelp}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field label={text.extendTo} error={errorOf('trial_end')}>
          {(control) => <Input {...control} {...form.register('trial_end')} type="datetime-local" />}
        </Field>
        {failure !== undefined && <Problem error={failure} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button look="primary" type="submit" isBusy={isBusy}>
            {text.extend}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
