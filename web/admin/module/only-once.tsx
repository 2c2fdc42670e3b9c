import { labelOf } from '#core/schema/label.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import type { ModuleRecord, ModuleSchema } from './schema.ts'

/** What an answer holds that no later one will: texts that are no field of the module. */
export function secretsIn(schema: ModuleSchema, made: ModuleRecord): Readonly<Record<string, string>> {
  const fields = new Set(schema.fields.filter(({ write_only }) => !write_only).map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(made).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && !fields.has(entry[0]),
    ),
  )
}

/** Shows what is shown only once. */
export function OnlyOnce({
  secrets,
  onClose,
}: {
  secrets: Readonly<Record<string, string>>
  onClose: () => void
}) {
  const entries = Object.entries(secrets)
  return (
    <Dialog
      isOpen={entries.length > 0}
      onClose={onClose}
      title={labelOf(entries[0]?.[0] ?? '')}
      description={text.onlyOnce}
    >
      <div className="grid gap-3">
        {entries.map(([name, value]) => (
          <CodeBlock key={name} code={value} label={`${shared.copy} ${labelOf(name)}`} />
        ))}
        <Button look="primary" onClick={onClose}>
          {shared.close}
        </Button>
      </div>
    </Dialog>
  )
}
