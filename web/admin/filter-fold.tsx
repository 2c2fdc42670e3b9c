import { ListFilter } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { text } from '@/text/operate.ts'
import { Button } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'

/** Filters that fill the first screen of a phone: there they come when one asks for them, and how many are set is said. */
export function FilterFold({ count, children }: { count: number; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="mb-4">
      <Button className="sm:hidden" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ListFilter size={15} aria-hidden /> {count === 0 ? text.filters : text.filtersOn(count)}
      </Button>
      <div className={classNames('max-sm:mt-3', !isOpen && 'max-sm:hidden')}>{children}</div>
    </div>
  )
}

/** The kind of input for a day: one that an address has said more exactly stays as it was said. */
export const dayInput = (value: string | undefined): 'date' | 'text' =>
  value === undefined || /^\d{4}-\d\d-\d\d$/.test(value) ? 'date' : 'text'
