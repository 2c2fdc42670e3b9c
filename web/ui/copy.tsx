import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { text } from '@/text/en.ts'
import { IconButton } from './button.tsx'
import { classNames } from './class-names.ts'

/** Puts a text on the clipboard, and says for a moment that it did. */
export function CopyButton({ value, label = text.copy }: { value: string; label?: string }) {
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), 1500)
    return () => clearTimeout(timer)
  }, [isDone])
  const copy = (): void => {
    const byHand = (): void => selectInstead(value)
    if (isSecureContext) navigator.clipboard.writeText(value).then(() => setDone(true), byHand)
    else byHand()
  }
  return (
    <IconButton label={isDone ? text.copied : label} onClick={copy}>
      {isDone ? <Check size={15} /> : <Copy size={15} />}
    </IconButton>
  )
}

/** Pages over plain HTTP have no clipboard; a prompt lets the text be copied by hand. */
function selectInstead(value: string): void {
  window.prompt(text.copyByHand, value)
}

/** Code to copy; what is one long word wraps where it is to be seen whole. */
export function CodeBlock({ code, label, wraps = false }: { code: string; label: string; wraps?: boolean }) {
  return (
    <div className="flex min-w-0 items-start rounded-lg border bg-raised">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
        tabIndex={0}
        className={classNames(
          'min-w-0 flex-1 overflow-x-auto p-3 font-mono text-[13px] leading-relaxed',
          wraps && 'break-all whitespace-pre-wrap',
        )}
      >
        {code}
      </pre>
      <div className="p-1.5">
        <CopyButton value={code} label={label} />
      </div>
    </div>
  )
}
