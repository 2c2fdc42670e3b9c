import { useNavigate, useSearch } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { followLive } from '@/data/live.ts'
import { text } from '@/text/live.ts'
import { Button } from '@/ui/button.tsx'
import { Badge, Card } from '@/ui/surface.tsx'
import { RecordLink } from '../module/value.tsx'

interface LiveRequest {
  readonly id: string
  readonly at: number
  readonly organization_id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly duration_ms: number
}
interface Message {
  readonly data: { readonly counted: number; readonly requests: readonly LiveRequest[] }
}

const mostShown = 14
const mostKept = 100
const rateOverMs = 10_000

/** Requests while they are counted, the latest first: all of them, or those that failed. It can be held to read it. */
export function RequestFeed() {
  const search = useSearch({ from: '/frame/ui' })
  const navigate = useNavigate({ from: '/ui' })
  const [isHeld, setHeld] = useState(false)
  const { kept, isLost, perSecond, isSampled } = useRequests(isHeld)
  const shown = kept.filter(({ status }) => search.failed !== true || status >= 400).slice(0, mostShown)
  return (
    <Card
      title={text.requests}
      description={
        <>
          {text.requestsLead} <span className="tabular">{text.rate(perSecond)}</span>
          {isSampled && `, ${text.sampled}`}
        </>
      }
      actions={
        <div className="flex gap-2">
          <Button
            size="small"
            aria-pressed={search.failed === true}
            className={search.failed === true ? 'border-accent! text-accent!' : ''}
            onClick={() => {
              const { failed, ...others } = search
              void navigate({
                search: { ...others, ...(failed === true ? {} : { failed: true }) },
                replace: true,
                resetScroll: false,
              })
            }}
          >
            {text.failedOnly}
          </Button>
          <Button size="small" onClick={() => setHeld(!isHeld)}>
            {isHeld ? <Play size={13} aria-hidden /> : <Pause size={13} aria-hidden />}
            {isHeld ? text.goOn : text.pause}
          </Button>
        </div>
      }
    >
      {isLost && <p className="mb-2 text-[13px] text-warning">{text.lost}</p>}
      {shown.length === 0 ? (
        <p className="text-quiet">{search.failed === true ? text.noFailure : text.noRequest}</p>
      ) : (
        <ul aria-label={text.requests} className="divide-y text-[13px]">
          {shown.map((request) => (
            <Row key={request.id} request={request} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Row({ request }: { request: LiveRequest }) {
  const at = new Date(request.at).toISOString()
  return (
    <li className="flex min-w-0 flex-col gap-x-3 gap-y-0.5 py-1.5 sm:flex-row sm:items-center">
      <span className="flex min-w-0 flex-1 items-center gap-3">
        <time dateTime={at} title={at} className="tabular text-quiet">
          {at.slice(11, 19)}
        </time>
        <Badge tone={request.status >= 500 ? 'bad' : request.status >= 400 ? 'warning' : 'good'}>
          {request.status}
        </Badge>
        <span className="min-w-0 flex-1 truncate font-mono" title={request.path}>
          <span className="text-quiet">{request.method}</span> {request.path}
        </span>
      </span>
      <span className="flex min-w-0 items-center justify-between gap-3 sm:w-64">
        <span className="truncate">
          <RecordLink id={request.organization_id} />
        </span>
        <span className="tabular whitespace-nowrap text-quiet">{text.milliseconds(request.duration_ms)}</span>
      </span>
    </li>
  )
}

/** What was counted while one looks; while it is held only the count goes on. */
function useRequests(isHeld: boolean) {
  const [kept, setKept] = useState<readonly LiveRequest[]>([])
  const [isLost, setLost] = useState(false)
  const [isSampled, setSampled] = useState(false)
  const [rate, setRate] = useState(0)
  const held = useRef(isHeld)
  held.current = isHeld
  useEffect(() => {
    let counts: { readonly at: number; readonly counted: number }[] = []
    const count = (): void => {
      counts = counts.filter(({ at }) => at > Date.now() - rateOverMs)
      setRate(counts.reduce((sum, { counted }) => sum + counted, 0) / (rateOverMs / 1_000))
    }
    const timer = setInterval(count, 1_000)
    const end = followLive<Message>('/ws/admin/requests', {
      onState: (isOpen) => setLost(!isOpen),
      onMessage: ({ data: { counted, requests } }) => {
        counts.push({ at: Date.now(), counted })
        if (held.current) return
        setSampled(counted > requests.length)
        setKept((known) => [...[...requests].reverse(), ...known].slice(0, mostKept))
      },
    })
    return () => {
      clearInterval(timer)
      end()
    }
  }, [])
  const perSecond = rate.toLocaleString('en-US', { maximumFractionDigits: rate < 10 ? 1 : 0 })
  return { kept, isLost, isSampled, perSecond }
}
