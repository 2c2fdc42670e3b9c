import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text } from '@/text/en.ts'
import { Button } from './button.tsx'
import { CodeBlock } from './copy.tsx'
import { Dialog } from './dialog.tsx'
import { Field, Input } from './field.tsx'
import { useServerForm } from './form.ts'
import { Problem } from './problem.tsx'
import { QrCode } from './qr-code.tsx'
import { Badge, Card } from './surface.tsx'
import { say } from './toasts.tsx'

interface Begun {
  readonly secret: string
  readonly uri: string
}
type Step =
  | { readonly at: 'password' }
  | ({ readonly at: 'code' } & Begun)
  | { readonly at: 'codes'; readonly codes: readonly string[] }

/** Turns the second factor of an account on and off, at the addresses below `base`; tells `onChange` when it may have changed. */
export function TwoFactorCard({
  base,
  isOn,
  onChange,
}: {
  base: string
  isOn: boolean
  onChange: () => void
}) {
  const [step, setStep] = useState<Step>()
  const close = (): void => {
    setStep(undefined)
    onChange()
  }
  return (
    <>
      <Card
        title={
          <>
            {text.twoFactor} <Badge tone={isOn ? 'good' : 'warning'}>{isOn ? text.on : text.off}</Badge>
          </>
        }
        description={isOn ? text.twoFactorOn : text.twoFactorOff}
        actions={
          <Button look={isOn ? 'danger' : 'primary'} onClick={() => setStep({ at: 'password' })}>
            {isOn ? text.twoFactorEnd : text.twoFactorBegin}
          </Button>
        }
      />
      <Dialog isOpen={step !== undefined} onClose={close} title={text.twoFactor}>
        {step?.at === 'password' &&
          (isOn ? (
            <TurnOff
              base={base}
              onDone={() => {
                close()
                say(text.twoFactorEnded)
              }}
            />
          ) : (
            <Begin base={base} onBegun={(begun) => setStep({ at: 'code', ...begun })} />
          ))}
        {step?.at === 'code' && (
          <Enable base={base} {...step} onDone={(codes) => setStep({ at: 'codes', codes })} />
        )}
        {step?.at === 'codes' && (
          <div className="grid gap-4">
            <p className="text-quiet">{text.twoFactorCodes}</p>
            <CodeBlock code={step.codes.join('\n')} label={text.copy} />
            <Button look="primary" onClick={close}>
              {text.twoFactorKept}
            </Button>
          </div>
        )}
      </Dialog>
    </>
  )
}

function Begin({ base, onBegun }: { base: string; onBegun: (begun: Begun) => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ password: '' }, async (values) => {
    onBegun(await call<Begun>('POST', `${base}/begin`, values))
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

function Enable({
  base,
  secret,
  uri,
  onDone,
}: Begun & { base: string; onDone: (codes: readonly string[]) => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ code: '' }, async (values) => {
    const { recovery_codes: codes } = await call<{ readonly recovery_codes: readonly string[] }>(
      'POST',
      `${base}/enable`,
      values,
    )
    onDone(codes)
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <p className="text-quiet">{text.twoFactorScan}</p>
      <QrCode value={uri} label={text.twoFactorPicture} />
      <CodeBlock code={secret} label={text.copy} />
      <a href={uri} className="text-[13px] text-accent hover:underline">
        {text.twoFactorOpenApp}
      </a>
      <Field label={text.authenticatorCode} error={errorOf('code')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('code')}
            autoComplete="one-time-code"
            inputMode="numeric"
            autoFocus
          />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy}>
        {text.twoFactorBegin}
      </Button>
    </form>
  )
}

function TurnOff({ base, onDone }: { base: string; onDone: () => void }) {
  const start = { password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', `${base}/disable`, values)
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
      <Field label={text.code} error={errorOf('code')}>
        {(control) => <Input {...control} {...form.register('code')} autoComplete="one-time-code" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="danger" type="submit" isBusy={isBusy}>
        {text.twoFactorEnd}
      </Button>
    </form>
  )
}
