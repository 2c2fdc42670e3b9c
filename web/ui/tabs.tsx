import { Tabs as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'

/** Several views of one thing, one at a time. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { readonly name: string; readonly content: ReactNode }[]
}) {
  return (
    <Primitive.Root defaultValue={tabs[0]?.name ?? ''}>
      <Primitive.List aria-label={label} className="mb-2 flex gap-1 border-b">
        {tabs.map(({ name }) => (
          <Primitive.Trigger
            key={name}
            value={name}
            className="-mb-px border-b-2 border-transparent px-2.5 py-1.5 text-[13px] text-quiet data-[state=active]:border-accent data-[state=active]:text-text"
          >
            {name}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map(({ name, content }) => (
        <Primitive.Content key={name} value={name}>
          {content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  )
}
