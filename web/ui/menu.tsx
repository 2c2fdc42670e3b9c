import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

/** One thing that a menu offers. */
export interface MenuItem {
  readonly label: string
  readonly onSelect: () => void
  readonly isDanger?: boolean
  readonly icon?: ReactNode
}

/** A menu below the button that opens it, walked with the arrow keys. */
export function Menu({
  trigger,
  items,
  heading,
}: {
  trigger: ReactNode
  items: readonly MenuItem[]
  heading?: ReactNode
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-48 rounded-lg border bg-surface p-1 shadow-xl"
        >
          {heading !== undefined && (
            <div className="border-b px-2.5 py-2 text-[13px] text-quiet">{heading}</div>
          )}
          {items.map(({ label, onSelect, isDanger, icon }) => (
            <DropdownMenu.Item
              key={label}
              onSelect={onSelect}
              className={`flex cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-raised ${isDanger === true ? 'text-danger' : ''}`}
            >
              {icon}
              {label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
