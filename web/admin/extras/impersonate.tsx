import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/extras.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Card } from '@/ui/surface.tsx'
import type { ModuleRecord } from '../module/schema.ts'

/** Lets an operator see the portal as somebody does; never without a reason. */
export function Impersonate({ record }: { record: ModuleRecord }) {
  const [isOpen, setOpen] = useState(false)
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ reason: '' }, async ({ reason }) => {
    await call('POST', '/admin/impersonations', { user_id: record.id, reason })
    location.assign('/portal')
  })
  return (
    <>
      <Card
        className="mt-5"
        title={text.asThey}
        description={text.asTheyHelp}
        actions={<Button onClick={() => setOpen(true)}>{text.actAs}</Button>}
      />
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title={text.actAs} description={text.actAsHelp}>
        <form className="grid gap-4" onSubmit={submit} noValidate>
          <Field label={text.reason} hint={text.reasonHint} error={errorOf('reason')}>
            {(control) => <Input {...control} {...form.register('reason')} autoComplete="off" />}
          </Field>
          {failure !== undefined && <Problem error={failure} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{shared.cancel}</Button>
            <Button look="primary" type="submit" isBusy={isBusy}>
              {text.actAs}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
