import { useState } from 'react'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { type FieldControl, Input } from '@/ui/field.tsx'

/** How many bytes a base64 text stands for. */
export const bytesIn = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4)

/** A file, kept as base64; what is there is told by its size. */
export function FileWidget({
  control,
  value,
  onChange,
}: {
  control: FieldControl
  value: string
  onChange: (base64: string) => void
}) {
  const [failure, setFailure] = useState(false)
  const take = (file: File | undefined): void => {
    if (file === undefined) return
    const reader = new FileReader()
    reader.onload = () => {
      setFailure(false)
      onChange(String(reader.result).replace(/^[^,]*,/, ''))
    }
    reader.onerror = () => setFailure(true)
    reader.readAsDataURL(file)
  }
  return (
    <div className="grid gap-1.5">
      <Input
        {...control}
        type="file"
        className="h-auto! py-1.5 file:mr-3 file:rounded file:border-0 file:bg-raised file:px-2 file:py-1 file:text-text"
        onChange={(event) => take(event.target.files?.[0])}
      />
      {value !== '' && (
        <p className="flex items-center gap-2 text-[13px] text-quiet">
          {text.size(bytesIn(value))}
          <Button size="small" look="quiet" onClick={() => onChange('')}>
            {shared.remove}
          </Button>
        </p>
      )}
      {failure && (
        <p role="alert" className="text-[13px] text-danger">
          {text.fileWrong}
        </p>
      )}
    </div>
  )
}
