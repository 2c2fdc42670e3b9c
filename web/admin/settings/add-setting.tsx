import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/settings.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input, Switch } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { say } from '@/ui/toasts.tsx'
import type { Setting } from './setting.ts'

/** A setting that the product does not know by itself. */
export function AddSetting({ known }: { known: readonly Setting[] }) {
  const [isOpen, setOpen] = useState(false)
  const client = useQueryClient()
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { key: '', value: '', isSecret: false },
    async ({ key, value, isSecret }) => {
      const same = known.find((setting) => setting.key === key && setting.id !== null)
      const content = isSecret ? { secret_value: value } : { value }
      await (same === undefined
        ? call('POST', '/api/settings', { key, ...content })
        : call('PATCH', `/api/settings/${same.id}`, content))
      await client.invalidateQueries({ queryKey: ['settings'] })
      say(text.saved(key))
      form.reset()
      setOpen(false)
    },
  )
  const isSecret = form.watch('isSecret')
  return (
    <div className="mt-5">
      <Button onClick={() => setOpen(true)}>{text.add}</Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title={text.add} description={text.addLead}>
        <form className="grid gap-4" onSubmit={submit} noValidate>
          <Field label={text.key} error={errorOf('key')}>
            {(control) => (
              <Input {...control} {...form.register('key')} autoComplete="off" spellCheck={false} />
            )}
          </Field>
          <Field label={text.value} error={errorOf('value')}>
            {(control) => (
              <Input
                {...control}
                {...form.register('value')}
                type={isSecret ? 'password' : 'text'}
                autoComplete={isSecret ? 'new-password' : 'off'}
              />
            )}
          </Field>
          <Field label={text.isSecret}>
            {(control) => (
              <Switch {...control} isOn={isSecret} onChange={(isOn) => form.setValue('isSecret', isOn)} />
            )}
          </Field>
          {failure !== undefined && <Problem error={failure} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{shared.cancel}</Button>
            <Button look="primary" type="submit" isBusy={isBusy}>
              {text.save}
            </Button>
          </div>
        </form>
      </Dialog>
    </div>
  )
}
