import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { text } from '@/text/en.ts'
import { IconButton } from './button.tsx'

/** Puts a text on the clipboard, and says for a moment that it did. */
export function CopyButton({ value, label = text.copy }: { value: string; label?: string }) {
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), 1500)
    return () => clearTimeout(timer)
  }, [isDone])
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setDone(true),
      () => selectInstead(value),
    )
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

/** Code to copy. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="flex min-w-0 items-start rounded-lg border bg-raised">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto p-3 font-mono text-[13px] leading-relaxed">
        {code}
      </pre>
      <div className="p-1.5">
        <CopyButton value={code} label={label} />
      </div>
    </div>
  )
}
