import { Plus, X } from 'lucide-react'
import { text } from '@/text/extras.ts'
import { Button, IconButton } from '@/ui/button.tsx'
import { Input } from '@/ui/field.tsx'
import type { TypedTier } from './price-draft.ts'

const columns = [
  { name: 'up_to', label: text.tierUpTo, mode: 'numeric' },
  { name: 'unit_price', label: text.tierPrice, mode: 'decimal' },
  { name: 'fee', label: text.tierFee, mode: 'decimal' },
] as const

/** The tiers of a price, one a row; the last one has no end. What is wrong stands below the rows. */
export function TierTable({
  tiers,
  problems,
  onChange,
}: {
  tiers: readonly TypedTier[]
  problems: readonly { readonly field: string; readonly reason: string }[]
  onChange: (tiers: readonly TypedTier[]) => void
}) {
  const change = (at: number, name: keyof TypedTier, value: string): void =>
    onChange(tiers.map((tier, index) => (index === at ? { ...tier, [name]: value } : tier)))
  const add = (): void => onChange([...tiers, { up_to: '', unit_price: '', fee: '' }])
  return (
    <div className="grid gap-2">
      <table className="w-full text-left text-[13px]">
        <thead className="text-quiet">
          <tr>
            {columns.map(({ name, label }) => (
              <th key={name} scope="col" className="pb-1 font-medium">
                {label}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{text.tierDrop}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tiers.map((tier, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a tier is what stands at its place
            <tr key={at}>
              {columns.map(({ name, label, mode }) => (
                <td key={name} className="py-0.5 pr-1.5">
                  <Input
                    aria-label={text.tierField(at + 1, label)}
                    inputMode={mode}
                    value={tier[name]}
                    placeholder={name === 'up_to' && at === tiers.length - 1 ? '∞' : '0'}
                    onChange={({ target }) => change(at, name, target.value)}
                    {...(problems.some(({ field }) => field === `tiers[${at}].${name}`)
                      ? { 'aria-invalid': true as const }
                      : {})}
                  />
                </td>
              ))}
              <td>
                <IconButton
                  label={text.tierDropNumber(at + 1)}
                  onClick={() => onChange(tiers.filter((_, index) => index !== at))}
                >
                  <X size={14} />
                </IconButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {problems.map(({ field, reason }) => (
        <p key={field} className="text-[13px] text-danger">
          {field === 'tiers' ? '' : `${field}: `}
          {reason}
        </p>
      ))}
      <Button size="small" className="justify-self-start" onClick={add}>
        <Plus size={14} aria-hidden /> {text.tierAdd}
      </Button>
    </div>
  )
}
