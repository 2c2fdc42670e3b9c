import { call } from '@/data/api.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input, Switch } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import type { ModuleRecord } from '../module/schema.ts'

/** The first route: everything below a path goes to the upstream. */
export function RouteStep({ upstream, onDone }: { upstream: ModuleRecord; onDone: () => void }) {
  const name = String(upstream['name'])
  const start = { path_pattern: `/${slug(name)}`, takesOff: true }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    const path = values.path_pattern.trim().replace(/\/+\*?$/, '')
    await call('POST', '/api/routes', {
      name: slug(name),
      upstream_id: upstream.id,
      match_type: 'prefix',
      path_pattern: `${path}/*`,
      ...(values.takesOff ? { path_rewrite: '/{rest}' } : {}),
    })
    onDone()
  })
  const path = form
    .watch('path_pattern')
    .trim()
    .replace(/\/+\*?$/, '')
  const takesOff = form.watch('takesOff')
  const base = String(upstream['base_url']).replace(/\/+$/, '')
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.path} hint={text.pathHint} error={errorOf('path_pattern')}>
        {(control) => (
          <Input {...control} {...form.register('path_pattern')} autoComplete="off" spellCheck={false} />
        )}
      </Field>
      <Field label={text.takeOff}>
        {(control) => (
          <Switch {...control} isOn={takesOff} onChange={(isOn) => form.setValue('takesOff', isOn)} />
        )}
      </Field>
      <p className="rounded-md bg-raised px-3 py-2 font-mono text-[13px] break-all">
        {`${path}/orders → ${base}${takesOff ? '' : path}/orders`}
      </p>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy} className="justify-self-start">
        {text.makeRoute}
      </Button>
    </form>
  )
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'api'
