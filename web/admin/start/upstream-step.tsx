import { useMutation } from '@tanstack/react-query'
import { call, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Banner } from '@/ui/surface.tsx'

interface Probe {
  readonly url: string
  readonly reached: boolean
  readonly status: number | null
  readonly duration_ms: number
  readonly problem: string | null
}

/** The first upstream: the server asks its address before it is kept. */
export function UpstreamStep({ onDone }: { onDone: () => void }) {
  const test = useMutation({
    mutationFn: (url: string) => call<Probe>('POST', '/admin/upstreams/test', { url }),
  })
  const start = { name: '', base_url: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    const url = values.base_url.trim()
    // An address that does not answer is shown once before it is kept all the same.
    if (url !== '' && test.data?.url !== url) {
      const probe = await test.mutateAsync(url).catch(() => undefined)
      if (probe?.reached === false) return
    }
    await call('POST', '/api/upstreams', { ...values, base_url: url })
    onDone()
  })
  const address = form.watch('base_url').trim()
  const probe = test.data?.url === address ? test.data : undefined
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={shared.name} hint={text.upstreamNameHint} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={text.address} hint={text.addressHint} error={errorOf('base_url')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('base_url', { onChange: () => form.clearErrors('base_url') })}
            placeholder="http://127.0.0.1:3000"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      {probe !== undefined && (
        <Banner tone={probe.reached ? 'good' : 'warning'}>
          {probe.reached
            ? text.answers(probe.status, probe.duration_ms)
            : text.doesNotAnswer(probe.problem ?? '')}
        </Banner>
      )}
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" isBusy={isBusy}>
          {probe?.reached === false ? text.connectAnyway : text.connect}
        </Button>
        <Button
          isBusy={test.isPending}
          disabled={address === ''}
          onClick={() =>
            test.mutate(address, {
              onError: (error) => form.setError('base_url', { message: wordsOf(error) }),
            })
          }
        >
          {text.test}
        </Button>
      </div>
    </form>
  )
}
