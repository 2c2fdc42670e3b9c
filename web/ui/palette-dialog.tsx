import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { text } from '@/text/en.ts'
import { useOpener } from './opener.ts'
import type { FindEntries, PaletteEntry } from './palette.tsx'

const fewestLetters = 2
const restMs = 150

/** What `find` finds once somebody rests while typing; nothing of an older question comes after a newer one. */
function useFound(words: string, find: FindEntries | undefined): readonly PaletteEntry[] {
  const [found, setFound] = useState<readonly PaletteEntry[]>([])
  // The function is another one at each rendering; only what is typed asks again.
  const finder = useRef(find)
  finder.current = find
  useEffect(() => {
    const asked = words.trim()
    if (finder.current === undefined || asked.length < fewestLetters) {
      setFound([])
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      finder.current?.(asked, abort.signal).then(
        (entries) => !abort.signal.aborted && setFound(entries),
        () => undefined,
      )
    }, restMs)
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [words])
  return found
}

const entryValue = ({ group, label }: PaletteEntry): string => `${group} ${label}`

const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, '')

/** What has every word that was typed, in whatever order; letters that only happen to follow each other find nothing. */
function matches(value: string, typed: string, keywords: readonly string[] = []): number {
  const name = plain([value, ...keywords].join(' '))
  return name.includes(plain(typed))
    ? 1
    : typed.split(/\s+/).every((word) => name.includes(plain(word)))
      ? 0.5
      : 0
}

/** The palette itself, which is only loaded when somebody opens it. */
export function PaletteDialog({
  entries: known,
  find,
  isOpen,
  onOpen,
}: {
  entries: readonly PaletteEntry[]
  find: FindEntries | undefined
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
}) {
  const opener = useOpener()
  const [typed, setTyped] = useState('')
  const found = useFound(isOpen ? typed : '', find)
  const [chosen, setChosen] = useState('')
  // Who walks down the list keeps their place; for who only types the best match is what was found last.
  const walks = useRef(false)
  const first = found[0]
  useEffect(() => {
    if (first !== undefined && !walks.current) setChosen(entryValue(first))
  }, [first])
  // Records that have the name come before pages whose letters happen to fit.
  const entries = [...found.map((entry) => ({ ...entry, keywords: [typed] })), ...known]
  const groups = [...new Set(entries.map(({ group }) => group))]
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        onOpen(open)
        setTyped('')
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          {...opener}
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-lg overflow-hidden rounded-xl border bg-surface shadow-2xl"
        >
          <Dialog.Title className="sr-only">{text.palette}</Dialog.Title>
          <Command
            label={text.palette}
            loop
            filter={matches}
            value={chosen}
            onValueChange={setChosen}
            onKeyDown={({ key }) => {
              if (key.startsWith('Arrow')) walks.current = true
              else if (key.length === 1 || key === 'Backspace') walks.current = false
            }}
          >
            <Command.Input
              placeholder={text.palette}
              value={typed}
              onValueChange={setTyped}
              className="w-full border-b bg-transparent px-4 py-3 text-sm outline-none placeholder:text-quiet"
            />
            <Command.List className="max-h-80 overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-quiet">{text.paletteEmpty}</Command.Empty>
              {groups.map((group) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-quiet"
                >
                  {entries
                    .filter((entry) => entry.group === group)
                    .map((entry) => (
                      <Command.Item
                        key={entry.label}
                        value={entryValue(entry)}
                        keywords={[...(entry.keywords ?? [])]}
                        onSelect={() => {
                          onOpen(false)
                          setTyped('')
                          entry.run()
                        }}
                        className="cursor-pointer rounded-md px-2.5 py-2 data-[selected=true]:bg-raised"
                      >
                        {entry.label}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
