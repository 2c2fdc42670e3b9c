import { useState } from 'react'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { Banner } from '@/ui/surface.tsx'
import { byGravity, type Notice } from './notices.ts'

/** What has to be said, the gravest thing first; the others wait behind a button, so that a page begins near its top. */
export function NoticeBox({ notices }: { notices: readonly Notice[] }) {
  const [isOpen, setOpen] = useState(false)
  const [first, ...others] = byGravity(notices)
  if (first === undefined) return null
  const shown = isOpen ? [first, ...others] : [first]
  return shown.map(({ key, tone, words, action }, index) => (
    <Banner
      key={key}
      tone={tone}
      action={
        <span className="flex flex-wrap items-center gap-2">
          {action}
          {index === 0 && others.length > 0 && (
            <Button size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? text.fewerNotices : text.moreNotices(others.length)}
            </Button>
          )}
        </span>
      }
    >
      {words}
    </Banner>
  ))
}
