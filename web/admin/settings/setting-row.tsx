import { type FormEvent, useState } from 'react'
import { ApiError, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/settings.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Field, type FieldControl, Input, Select, Switch } from '@/ui/field.tsx'
import { Time } from '@/ui/show.tsx'
import { Badge } from '@/ui/surface.tsx'
import { type Setting, useWriteSetting } from './setting.ts'

/** One setting: its widget, what it does, and the way back to its default. */
export function SettingRow({ setting, canWrite }: { setting: Setting; canWrite: boolean }) {
  const { key, title, widget, usual, value, id } = setting
  const write = useWriteSetting()
  const [typed, setTyped] = useState<string>()
  const [isRemoving, setRemoving] = useState(false)
  const isSecret = widget === 'secret'
  const now = value ?? usual
  const shown = typed ?? (isSecret ? '' : now)
  const isChanged = typed !== undefined && typed !== (isSecret ? '' : now)
  const save = (next: string | null): void =>
    write.mutate({ setting, value: next }, { onSuccess: () => setTyped(undefined) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isChanged && !write.isPending) save(shown)
  }
  return (
    <form onSubmit={submit} className="grid gap-3 py-4 md:grid-cols-[1fr_20rem]" noValidate>
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{title}</span>
          {id !== null && <Badge tone="accent">{text.changed}</Badge>}
        </p>
        <code className="font-mono text-xs break-all text-quiet">{key}</code>
        <p className="mt-0.5 text-[13px] text-quiet">{setting.description}</p>
        {!isSecret && usual !== '' && (
          <p className="mt-0.5 text-[13px] text-quiet">{text.standard(usualWords(setting))}</p>
        )}
        {setting.updated_at !== null && (
          <p className="mt-0.5 text-[13px] text-quiet">
            {shared.saved} <Time at={setting.updated_at} />
          </p>
        )}
      </div>
      <div className="grid content-start gap-2">
        <Field
          label={<span className="sr-only">{`${title}, ${key}`}</span>}
          error={write.error === null ? undefined : reasonOf(write.error)}
          hint={isSecret ? text.secretSet : undefined}
        >
          {(control) => (
            <Widget
              control={control}
              setting={setting}
              value={shown}
              isDisabled={!canWrite}
              onType={setTyped}
              onChoose={(next) => !write.isPending && save(next)}
            />
          )}
        </Field>
        {canWrite && (isChanged || id !== null) && (
          <div className="flex justify-end gap-2">
            {id !== null && (
              <Button size="small" look="quiet" onClick={() => (isSecret ? setRemoving(true) : save(null))}>
                {isSecret ? text.remove : text.reset}
              </Button>
            )}
            {isChanged && (
              <Button size="small" look="primary" type="submit" isBusy={write.isPending}>
                {text.save}
              </Button>
            )}
          </div>
        )}
      </div>
      <ConfirmDialog
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        onConfirm={() => {
          save(null)
          setRemoving(false)
        }}
        title={text.removeTitle(title)}
        verb={text.remove}
        typed={key}
      >
        {text.removeHelp}
      </ConfirmDialog>
    </form>
  )
}

/** The default as its widget says it. */
const usualWords = ({ widget, usual }: Setting): string =>
  widget === 'truth' ? (usual === 'true' ? text.on : text.off) : usual

const reasonOf = (error: unknown): string =>
  error instanceof ApiError && error.problems[0] !== undefined ? error.problems[0].reason : wordsOf(error)

/** What can be chosen is saved at once; what is typed waits for Save. */
function Widget({
  control,
  setting: { widget, values, title },
  value,
  isDisabled,
  onType,
  onChoose,
}: {
  control: FieldControl
  setting: Setting
  value: string
  isDisabled: boolean
  onType: (value: string) => void
  onChoose: (value: string) => void
}) {
  if (widget === 'truth')
    return (
      <span className="flex items-center gap-2">
        <Switch
          {...control}
          disabled={isDisabled}
          isOn={value === 'true'}
          onChange={(isOn) => onChoose(String(isOn))}
        />
        <span className="text-[13px] text-quiet">{value === 'true' ? text.on : text.off}</span>
      </span>
    )
  if (widget === 'choice')
    return (
      <Select
        {...control}
        disabled={isDisabled}
        value={value}
        onChange={({ target }) => onChoose(target.value)}
      >
        {values.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </Select>
    )
  const input = (
    <Input
      {...control}
      disabled={isDisabled}
      value={value}
      onChange={({ target }) => onType(target.value)}
      type={widget === 'secret' ? 'password' : 'text'}
      inputMode={widget === 'whole' ? 'numeric' : widget === 'url' ? 'url' : 'text'}
      placeholder={widget === 'secret' ? text.replace : ''}
      autoComplete={widget === 'secret' ? 'new-password' : 'off'}
      spellCheck={false}
    />
  )
  if (widget !== 'color') return input
  return (
    <span className="flex gap-2">
      <input
        type="color"
        aria-label={`${title}: ${value}`}
        disabled={isDisabled}
        value={/^#[0-9a-f]{6}$/i.test(value) ? value : '#000000'}
        onChange={({ target }) => onType(target.value)}
        className="h-9 w-12 rounded-md border border-line-strong bg-surface p-1"
      />
      {input}
    </span>
  )
}
