import { problemAt } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { Tabs } from '@/ui/tabs.tsx'
import { useExampleAddress } from '../../example-address.ts'
import { snippetsFor } from '../../snippets.ts'
import type { NewKey } from './read-keys.ts'

/** Makes a key. */
export function NewKeyForm({ onMade, onCancel }: { onMade: (key: NewKey) => void; onCancel: () => void }) {
  const start = { name: '', expires_at: '' }
  const callOnce = useCallOnce()
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    start,
    async ({ name, expires_at: until }) => {
      if (name.trim() === '') throw problemAt('name', text.nameKey)
      const expires = until === '' ? {} : { expires_at: `${until}T23:59:59Z` }
      onMade(await callOnce<NewKey>('POST', '/api/v1/keys', { name, ...expires }))
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.keyName} hint={text.keyNameHint} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={text.expires} hint={text.expiresHint} error={errorOf('expires_at')} isOptional>
        {(control) => <Input {...control} {...form.register('expires_at')} type="date" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.create}
        </Button>
      </div>
    </form>
  )
}

/** Shows a key, this once, and calls that can be sent with it as they stand. */
export function ShownKey({ made, onClose }: { made: NewKey | undefined; onClose: () => void }) {
  const address = useExampleAddress()
  return (
    <Dialog
      isOpen={made !== undefined}
      onClose={onClose}
      title={made?.name || (made?.prefix ?? '')}
      description={text.keyOnce}
    >
      {made !== undefined && (
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <CodeBlock code={made.key} label={shared.copy} wraps />
          <div className="min-w-0">
            <h3 className="mb-1 text-[13px] font-medium">{text.tryIt}</h3>
            {address === undefined ? (
              <Skeleton className="h-24" />
            ) : (
              <Tabs
                label={text.tryIt}
                tabs={snippetsFor(address, made.key).map(({ language, code }) => ({
                  name: language,
                  content: <CodeBlock code={code} label={text.copySnippet(language)} />,
                }))}
              />
            )}
          </div>
          <Button look="primary" onClick={onClose}>
            {text.keyKept}
          </Button>
        </div>
      )}
    </Dialog>
  )
}
