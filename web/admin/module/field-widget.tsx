import { text } from '@/text/admin.ts'
import { type FieldControl, Input, Select, Switch, TextArea } from '@/ui/field.tsx'
import { FileWidget } from './file-widget.tsx'
import { RefWidget } from './ref-widget.tsx'
import type { ModuleField } from './schema.ts'

/** What is typed into a form: everything is a text but a switch. */
export type Typed = string | boolean

interface WidgetProps {
  readonly field: ModuleField
  readonly control: FieldControl
  readonly value: Typed
  readonly onChange: (value: Typed) => void
  readonly isEdit: boolean
}

/** A text that may be longer has several lines. */
const longText = 4000

/** The control for a field: one for each widget that the engine knows. */
export function FieldWidget({ field, control, value, onChange, isEdit }: WidgetProps) {
  const words = String(value)
  const take = (event: { target: { value: string } }): void => onChange(event.target.value)
  switch (field.widget) {
    case 'switch':
      return <Switch {...control} isOn={value === true} onChange={onChange} />
    case 'select':
      return (
        <Select {...control} value={words} onChange={take}>
          {(!field.required || words === '') && <option value="">{text.unset}</option>}
          {field.values?.map((option) => (
            <option key={option} value={option}>
              {option.replaceAll('_', ' ')}
            </option>
          ))}
        </Select>
      )
    case 'ref':
      return <RefWidget {...{ field, control, onChange }} value={words} />
    case 'file':
      return <FileWidget {...{ control, onChange }} value={words} />
    case 'json':
      return <TextArea {...control} value={words} onChange={take} rows={5} spellCheck={false} />
    case 'number':
      return <Input {...control} value={words} onChange={take} inputMode="numeric" />
    case 'timestamp':
      return <Input {...control} value={words} onChange={take} type="datetime-local" step={1} />
    case 'password':
      return (
        <Input
          {...control}
          value={words}
          onChange={take}
          type="password"
          autoComplete="new-password"
          placeholder={isEdit ? text.keepSecret : ''}
        />
      )
    case 'email':
      return <Input {...control} value={words} onChange={take} type="email" autoComplete="off" />
    default:
      if ((field.max ?? 0) > longText)
        return (
          <TextArea {...control} className="font-sans! text-sm!" value={words} onChange={take} rows={3} />
        )
      return <Input {...control} value={words} onChange={take} autoComplete="off" />
  }
}
