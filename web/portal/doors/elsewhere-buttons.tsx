import { useSearch } from '@tanstack/react-router'
import { text } from '@/text/elsewhere.ts'
import { buttonClass } from '@/ui/button.tsx'
import { useProviders } from '../elsewhere.ts'
import { placeAfter } from './go-on.ts'

/** The providers that one can sign in or up with; nothing where there are none. */
export function ElsewhereButtons() {
  const providers = useProviders()
  const { next } = useSearch({ strict: false }) as { next?: string }
  if (providers.length === 0) return null
  const back = encodeURIComponent(placeAfter(next))
  return (
    <div className="grid gap-2.5">
      <p className="flex items-center gap-3 text-[13px] text-quiet before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {text.or}
      </p>
      {providers.map(({ provider, label, start_url: start }) => (
        <a key={provider} href={`${start}?return_to=${back}`} className={buttonClass()}>
          {text.continueWith(label)}
        </a>
      ))}
    </div>
  )
}
