import type { ReactNode } from 'react'
import { text } from '@/text/en.ts'
import { Input, Select } from './field.tsx'
import { ownRange, ranges, stretchOf, type UsageChoice, withOwnDays } from './usage-choice.ts'

/** Which time is shown, and what is told apart in it; what else can be chosen or done stands behind. */
export function UsageControls({
  groupings,
  by,
  choice,
  onChoose,
  children,
}: {
  groupings: readonly { readonly value: string; readonly label: string }[]
  by: string | undefined
  choice: UsageChoice
  onChoose: (choice: UsageChoice) => void
  children: ReactNode
}) {
  const isWrong = stretchOf(choice, Date.now()) === undefined
  const choose = (range: string): void => {
    const { from: _from, to: _to, ...others } = choice
    onChoose(range === ownRange ? withOwnDays(others, Date.now()) : { ...others, range })
  }
  const day = (name: 'from' | 'to', label: string): ReactNode => (
    <Input
      type="date"
      aria-label={label}
      className="sm:w-auto!"
      value={choice[name] ?? ''}
      {...(isWrong ? { 'aria-invalid': true } : {})}
      onChange={({ target: { value } }) => {
        const { [name]: _before, ...others } = choice
        onChoose({ ...others, ...(value === '' ? {} : { [name]: value }) })
      }}
    />
  )
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
        <Select
          aria-label={text.range}
          className="sm:w-auto! sm:max-w-40"
          value={choice.range ?? 'month'}
          onChange={({ target: { value } }) => choose(value)}
        >
          {Object.entries(ranges).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value={ownRange}>{text.ownDays}</option>
        </Select>
        {choice.range === ownRange && (
          <>
            {day('from', text.firstDay)}
            {day('to', text.lastOfDays)}
          </>
        )}
        <Select
          aria-label={text.groupBy}
          className="sm:w-auto!"
          value={by ?? ''}
          onChange={({ target: { value } }) => {
            const { by: _before, ...others } = choice
            onChoose({ ...others, ...(value === '' ? {} : { by: value }) })
          }}
        >
          <option value="">{text.together}</option>
          {groupings.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        {children}
      </div>
      {isWrong && <p className="text-[13px] text-danger">{text.daysWrong}</p>}
    </div>
  )
}
