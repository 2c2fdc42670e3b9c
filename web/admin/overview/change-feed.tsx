import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { followLive } from '@/data/live.ts'
import { text } from '@/text/live.ts'
import { Time } from '@/ui/show.tsx'
import { Badge, Card } from '@/ui/surface.tsx'

interface LiveMessage {
  readonly event: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  readonly at: string
}
interface Shown extends LiveMessage {
  readonly plural: string
}

const followed = [
  { module: 'organization', plural: 'organizations' },
  { module: 'subscription', plural: 'subscriptions' },
  { module: 'api_key', plural: 'api_keys' },
  { module: 'route', plural: 'routes' },
] as const
const mostShown = 12

/** Changes of the records that matter most, as they are committed. */
export function ChangeFeed() {
  const [messages, setMessages] = useState<readonly Shown[]>([])
  const [isLost, setLost] = useState(false)
  useEffect(() => {
    const endings = followed.map(({ module, plural }) =>
      followLive<LiveMessage>(`/ws/${module}`, {
        onMessage: (message) =>
          setMessages((known) => [{ ...message, plural }, ...known].slice(0, mostShown)),
        onState: (isOpen) => setLost(!isOpen),
      }),
    )
    return () => {
      for (const end of endings) end()
    }
  }, [])
  return (
    <Card title={text.changes} description={text.changesLead}>
      {isLost && <p className="mb-2 text-[13px] text-warning">{text.lost}</p>}
      {messages.length === 0 ? (
        <p className="text-quiet">{text.noChange}</p>
      ) : (
        <ul className="grid gap-2" aria-live="polite">
          {messages.map(({ event, id, data, at, plural }) => (
            <li key={id} className="flex min-w-0 items-center justify-between gap-3">
              <span className="flex min-w-0 items-center gap-2">
                <Badge tone="accent">{event}</Badge>
                <Link
                  to="/ui/m/$plural/$id"
                  params={{ plural, id: String(data['id']) }}
                  className="truncate hover:underline"
                >
                  {String(data['name'] || data['id'])}
                </Link>
              </span>
              <span className="text-[13px] whitespace-nowrap text-quiet">
                <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
