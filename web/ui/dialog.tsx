import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { text } from '@/text/en.ts'
import { Button, IconButton } from './button.tsx'
import { Field, Input } from './field.tsx'
import { useOpener } from './opener.ts'

/** A window above the page; it traps the focus, closes with Escape, and gives the focus back. */
export function Dialog({
  isOpen,
  onClose,
  title,
  description,
  children,
}: {
  isOpen: boolean
  onClose: () => void
  title: string
  description?: ReactNode
  children: ReactNode
}) {
  const opener = useOpener()
  return (
    <Primitive.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Primitive.Content
          className="fixed inset-x-3 top-[8vh] z-50 mx-auto max-h-[84vh] max-w-lg overflow-y-auto rounded-xl border bg-surface p-5 shadow-2xl"
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={(event) => {
            opener.onOpenAutoFocus()
            toFirstField(event)
          }}
          onCloseAutoFocus={opener.onCloseAutoFocus}
        >
          <div className="mb-4 flex items-start justify-between gap-3">
            <div>
              <Primitive.Title className="text-base font-semibold">{title}</Primitive.Title>
              {description !== undefined && (
                <Primitive.Description className="mt-1 text-quiet">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <IconButton label={text.close}>
                <X size={16} />
              </IconButton>
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** Into the first field where there is one, as nobody opens a form to close it. */
function toFirstField(event: Event): void {
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(
    'input:not([hidden], [disabled]), select, textarea',
  )
  if (field === null) return
  event.preventDefault()
  field.focus()
}

interface Question {
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly children: ReactNode
  readonly verb: string
  /** The word on the way out; where the verb itself is to cancel, that word would say both. */
  readonly keep?: string
  readonly typed?: string
  readonly look?: 'danger' | 'primary'
  readonly isBusy?: boolean
  readonly error?: string | undefined
}

/** Asks before something is done that cannot be undone; where `typed` is given, that word has to be typed first. */
export const ConfirmDialog = ({
  isOpen,
  title,
  ...question
}: Question & { isOpen: boolean; title: string }) => (
  <Dialog isOpen={isOpen} onClose={question.onClose} title={title}>
    <ConfirmForm {...question} />
  </Dialog>
)

/** Only there while the dialog is open, so that nothing typed for one thing counts for the next. */
function ConfirmForm({
  onClose,
  onConfirm,
  children,
  verb,
  keep = text.cancel,
  typed,
  look = 'danger',
  isBusy = false,
  error,
}: Question) {
  const [word, setWord] = useState('')
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        onConfirm()
      }}
    >
      <div className="text-quiet">{children}</div>
      {typed !== undefined && (
        <Field label={text.typeToConfirm(typed)}>
          {(control) => (
            <Input
              {...control}
              value={word}
              autoComplete="off"
              onChange={(event) => setWord(event.target.value)}
            />
          )}
        </Field>
      )}
      {error !== undefined && (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{keep}</Button>
        <Button look={look} type="submit" isBusy={isBusy} disabled={typed !== undefined && word !== typed}>
          {verb}
        </Button>
      </div>
    </form>
  )
}
