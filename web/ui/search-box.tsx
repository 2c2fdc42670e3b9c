import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Input } from './field.tsx'

const restMs = 250

/** A box to search a list by: asks once somebody rests while typing, and follows the address when that changes by other means. */
export function SearchBox({
  label,
  value,
  onSearch,
}: {
  label: string
  value: string
  onSearch: (words: string) => void
}) {
  const [typed, setTyped] = useState(value)
  const asked = useRef(value)
  // The function is another one at each rendering; only what is typed asks again.
  const search = useRef(onSearch)
  search.current = onSearch
  useEffect(() => {
    if (value === asked.current) return
    asked.current = value
    setTyped(value)
  }, [value])
  useEffect(() => {
    const words = typed.trim()
    if (words === asked.current) return
    const timer = setTimeout(() => {
      asked.current = words
      search.current(words)
    }, restMs)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <div className="relative w-full sm:w-64">
      <Search size={14} aria-hidden className="absolute top-1/2 left-2.5 -translate-y-1/2 text-quiet" />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        className="h-8! pl-8!"
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
    </div>
  )
}
