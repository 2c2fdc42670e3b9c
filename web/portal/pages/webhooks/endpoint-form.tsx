import { call } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/webhooks.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input, TextArea } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { type Endpoint, endpointsPath } from './endpoint.ts'

/** Makes an endpoint, or changes the one that is given. */
export function EndpointForm<Answer extends Endpoint>({
  endpoint,
  onDone,
  onCancel,
}: {
  endpoint?: Endpoint
  onDone: (answer: Answer) => void
  onCancel: () => void
}) {
  const callOnce = useCallOnce()
  const start = {
    url: endpoint?.url ?? '',
    description: endpoint?.description ?? '',
    events: endpoint?.events?.join('\n') ?? '',
  }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ events, ...rest }) => {
    const chosen = events.split(/[\s,]+/).filter((event) => event !== '')
    const body = { ...rest, events: chosen.length === 0 ? null : chosen }
    onDone(
      endpoint === undefined
        ? await callOnce<Answer>('POST', endpointsPath, body)
        : await call<Answer>('PATCH', `${endpointsPath}/${endpoint.id}`, body),
    )
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.url} hint={text.urlHint} error={errorOf('url')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('url')}
            type="url"
            autoComplete="off"
            placeholder="https://"
          />
        )}
      </Field>
      <Field label={text.description} error={errorOf('description')} isOptional>
        {(control) => <Input {...control} {...form.register('description')} autoComplete="off" />}
      </Field>
      <Field label={text.events} hint={text.eventsHint} error={errorOf('events')} isOptional>
        {(control) => <TextArea {...control} {...form.register('events')} spellCheck={false} />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {endpoint === undefined ? shared.create : shared.save}
        </Button>
      </div>
    </form>
  )
}

/** Shows a signing secret, this once. */
export function SecretDialog({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  return (
    <Dialog isOpen={secret !== undefined} onClose={onClose} title={text.secret} description={text.secretOnce}>
      <div className="grid gap-4">
        <CodeBlock code={secret ?? ''} label={shared.copy} />
        <Button look="primary" onClick={onClose}>
          {shared.close}
        </Button>
      </div>
    </Dialog>
  )
}
