import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Badge, Card } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'

interface Begun {
  readonly secret: string
  readonly uri: string
}
type Step =
  | { readonly at: 'password' }
  | ({ readonly at: 'code' } & Begun)
  | { readonly at: 'codes'; readonly codes: readonly string[] }

/** Turns the second factor of an account on and off. */
export function TwoFactorCard() {
  const me = useMe()
  const client = useQueryClient()
  const isOn = me?.user.two_factor_enabled === true
  const [step, setStep] = useState<Step>()
  const close = (): void => {
    setStep(undefined)
    void client.invalidateQueries({ queryKey: ['me'] })
  }
  return (
    <Card
      title={text.twoFactor}
      description={isOn ? text.twoFactorOn : text.twoFactorOff}
      actions={
        <Button look={isOn ? 'danger' : 'primary'} onClick={() => setStep({ at: 'password' })}>
          {isOn ? text.twoFactorEnd : text.twoFactorBegin}
        </Button>
      }
    >
      <Badge tone={isOn ? 'good' : 'warning'}>{isOn ? 'on' : 'off'}</Badge>
      <Dialog isOpen={step !== undefined} onClose={close} title={text.twoFactor}>
        {step?.at === 'password' &&
          (isOn ? (
            <TurnOff onDone={close} />
          ) : (
            <Begin onBegun={(begun) => setStep({ at: 'code', ...begun })} />
          ))}
        {step?.at === 'code' && <Enable {...step} onDone={(codes) => setStep({ at: 'codes', codes })} />}
        {step?.at === 'codes' && (
          <div className="grid gap-4">
            <p className="text-quiet">{text.twoFactorCodes}</p>
            <CodeBlock code={step.codes.join('\n')} label={shared.copy} />
            <Button look="primary" onClick={close}>
              {shared.close}
            </Button>
          </div>
        )}
      </Dialog>
    </Card>
  )
}

function Begin({ onBegun }: { onBegun: (begun: Begun) => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ password: '' }, async (values) => {
    onBegun(await call<Begun>('POST', '/api/v1/auth/two-factor/begin', values))
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
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
      <Button look="primary" type="submit" isBusy={isBusy}>
        {text.confirm}
      </Button>
    </form>
  )
}

function Enable({ secret, uri, onDone }: Begun & { onDone: (codes: readonly string[]) => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ code: '' }, async (values) => {
    const { recovery_codes: codes } = await call<{ readonly recovery_codes: readonly string[] }>(
      'POST',
      '/api/v1/auth/two-factor/enable',
      values,
    )
    onDone(codes)
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <p className="text-quiet">{text.twoFactorScan}</p>
      <CodeBlock code={secret} label={shared.copy} />
      <a href={uri} className="text-[13px] text-accent hover:underline">
        {text.twoFactorOpenApp}
      </a>
      <Field label={text.code} error={errorOf('code')}>
        {(control) => (
          <Input {...control} {...form.register('code')} autoComplete="one-time-code" inputMode="numeric" />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy}>
        {text.twoFactorBegin}
      </Button>
    </form>
  )
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const start = { password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/auth/two-factor/disable', values)
    onDone()
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
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
      <Field label={shared.code} error={errorOf('code')}>
        {(control) => <Input {...control} {...form.register('code')} autoComplete="one-time-code" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="danger" type="submit" isBusy={isBusy}>
        {text.twoFactorEnd}
      </Button>
    </form>
  )
}
