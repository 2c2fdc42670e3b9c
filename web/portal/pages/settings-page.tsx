import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/copy.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status } from '@/ui/show.tsx'
import { Card, PageHeader } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'

/** The organization, and the way out. */
export function SettingsPage() {
  const me = useMe()
  const [isClosing, setClosing] = useState(false)
  const organization = me?.organization
  return (
    <>
      <PageHeader title={text.settings} />
      <div className="grid grid-cols-1 gap-5">
        {organization && (
          <Card title={text.organizationName}>
            <dl className="grid gap-3 sm:grid-cols-3">
              <div>
                <dt className="text-[13px] text-quiet">{text.keyName}</dt>
                <dd className="font-medium">{organization.name}</dd>
              </div>
              <div>
                <dt className="text-[13px] text-quiet">{text.status}</dt>
                <dd>
                  <Status value={organization.status} />
                </dd>
              </div>
              <div>
                <dt className="text-[13px] text-quiet">ID</dt>
                <dd className="flex items-center gap-1 font-mono text-[13px]">
                  <span className="truncate">{organization.id}</span>
                  <CopyButton value={organization.id} />
                </dd>
              </div>
            </dl>
          </Card>
        )}
        <Card title={text.closeAccount} description={text.closeHelp}>
          <Button look="danger" onClick={() => setClosing(true)}>
            {text.closeAccount}
          </Button>
        </Card>
      </div>
      <Dialog
        isOpen={isClosing}
        onClose={() => setClosing(false)}
        title={text.closeAccount}
        description={text.closeHelp}
      >
        <CloseForm onCancel={() => setClosing(false)} />
      </Dialog>
    </>
  )
}

function CloseForm({ onCancel }: { onCancel: () => void }) {
  const start = { password: '', confirmation: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/auth/close-account', values)
    location.assign('/portal/sign-in')
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.typeEmail} error={errorOf('confirmation')}>
        {(control) => <Input {...control} {...form.register('confirmation')} autoComplete="off" />}
      </Field>
      <Field label={text.currentPassword} error={errorOf('password')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('password')}
            type="password"
            autoComplete="current-password"
          />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="danger" type="submit" isBusy={isBusy}>
          {text.closeAccount}
        </Button>
      </div>
    </form>
  )
}
