import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { text } from '@/text/home.ts'
import { buttonClass } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { CodeBlock } from '@/ui/copy.tsx'
import { Card } from '@/ui/surface.tsx'
import { useExampleAddress } from '../../example-address.ts'
import { SendLinkAgain } from '../../verify-again.tsx'
import { useKeys } from '../keys/read-keys.ts'

const followMs = 3_000

/** What somebody does first, each step with what it takes; the last one ticks itself off when the call arrives. */
export function FirstSteps({ email, isVerified }: { email: string; isVerified: boolean }) {
  const [isWaiting, setWaiting] = useState(false)
  const keys = useKeys(isWaiting ? followMs : false).data?.keys ?? []
  const hasKey = keys.length > 0
  const hasCalled = keys.some(({ last_used_at }) => last_used_at !== null)
  useEffect(() => setWaiting(hasKey && !hasCalled), [hasKey, hasCalled])
  const done = [isVerified, hasKey, hasCalled].filter(Boolean).length
  return (
    <Card title={text.firstSteps} description={text.doneOf(done, 3)}>
      <ol className="grid gap-4">
        <Step label={text.stepKey} isDone={hasKey} help={text.stepKeyHelp}>
          <Link to="/portal/keys" search={{ new: 1 } as never} className={buttonClass('primary', 'small')}>
            {text.makeKey}
          </Link>
        </Step>
        <Step label={text.stepCall} isDone={hasCalled} help={text.stepCallHelp}>
          {hasKey && <FirstCall keyPrefix={keys[0]?.prefix ?? ''} />}
        </Step>
        <Step label={text.stepVerify} isDone={isVerified} help={text.stepVerifyHelp(email)}>
          <SendLinkAgain email={email} />
        </Step>
      </ol>
    </Card>
  )
}

function Step({
  label,
  isDone,
  help,
  children,
}: {
  label: string
  isDone: boolean
  help: string
  children: ReactNode
}) {
  return (
    <li className="flex items-start gap-2.5">
      <span
        className={classNames(
          'mt-px grid size-5 shrink-0 place-items-center rounded-full border',
          isDone ? 'border-success bg-success-soft text-success' : 'border-line-strong',
        )}
      >
        {isDone && <Check size={13} aria-label={text.done} />}
      </span>
      {isDone ? (
        <span className="text-quiet line-through">{label}</span>
      ) : (
        <div className="grid min-w-0 flex-1 gap-2">
          <p>
            <span className="font-medium">{label}</span>
            <span className="block text-[13px] text-quiet">{help}</span>
          </p>
          <div className="empty:hidden">{children}</div>
        </div>
      )}
    </li>
  )
}

/** The call to copy, with the place where the key belongs, and the word that it is waited for. */
function FirstCall({ keyPrefix }: { keyPrefix: string }) {
  const address = useExampleAddress()
  if (address === undefined) return null
  return (
    <div className="grid gap-2">
      <CodeBlock code={`curl -H "Authorization: Bearer ${keyPrefix}…" "${address}"`} label={text.copyCall} />
      <p role="status" className="flex items-center gap-2 text-[13px] text-quiet">
        <span aria-hidden className="size-2 animate-pulse rounded-full bg-accent" />
        {text.waitingForCall}
      </p>
    </div>
  )
}
