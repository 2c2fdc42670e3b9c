import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { labelOf } from '#core/schema/label.ts'
import { text } from '@/text/settings.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { RecordForm } from '../module/record-form.tsx'
import { type ModuleRecord, useModuleSchema } from '../module/schema.ts'
import { useSettings, writeSetting } from './setting.ts'

const notConfigured = new Set(['name', 'enabled'])

/** A provider's configuration, typed by the fields of its module and kept as settings; secrets are only written. */
export function ConfigureProvider({
  provider: { name, capability, provider },
}: {
  provider: { readonly name: string; readonly capability: string; readonly provider: string }
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {text.configure}
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={text.configureTitle(labelOf(provider))}
        description={text.configureHelp}
      >
        <ProviderForm name={name} prefix={`${capability}.${provider}`} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function ProviderForm({ name, prefix, onClose }: { name: string; prefix: string; onClose: () => void }) {
  const client = useQueryClient()
  const schema = useModuleSchema(name)
  const settings = useSettings()
  const failure = schema.error ?? settings.error
  if (failure !== null) return <Problem error={failure} />
  if (schema.data === undefined || settings.data === undefined) return <Skeleton className="h-48" />
  const fields = schema.data.fields.filter(
    ({ name: field, read_only }) => !read_only && !notConfigured.has(field),
  )
  if (fields.length === 0) return <p className="text-quiet">{text.nothingToConfigure}</p>
  const known = settings.data
  const stored = (field: string) => known.find(({ key }) => key === `${prefix}.${field}`)
  const record: ModuleRecord = {
    id: name,
    ...Object.fromEntries(
      fields.map((field) => [field.name, stored(field.name)?.value ?? field.default ?? null]),
    ),
  }
  async function send(values: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [field, value] of Object.entries(values)) {
      const { id = null } = stored(field) ?? {}
      const isSecret = fields.some((one) => one.name === field && one.widget === 'password')
      const setting = { key: `${prefix}.${field}`, id, widget: isSecret ? 'secret' : 'text' }
      const words =
        value === null || value === ''
          ? null
          : typeof value === 'object'
            ? JSON.stringify(value)
            : String(value)
      await writeSetting({ setting, value: words })
    }
    await Promise.all(['settings', 'providers'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    say(text.configured(prefix))
    onClose()
  }
  return <RecordForm fields={fields} record={record} verb={text.save} onSend={send} onCancel={onClose} />
}
