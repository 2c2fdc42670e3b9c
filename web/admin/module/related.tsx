import { Link } from '@tanstack/react-router'
import { text } from '@/text/admin.ts'
import { inSentence } from '@/text/in-sentence.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Card } from '@/ui/surface.tsx'
import { type ModuleRecord, type ModuleSchema, useModules } from './schema.ts'

/** The ways from a record to those that point to it: a list of each, filtered for it. */
export function Related({ schema, record }: { schema: ModuleSchema; record: ModuleRecord }) {
  const ways = (useModules().data ?? []).flatMap(({ plural, display_plural, refs }) => {
    const here = refs.filter(({ to }) => to === schema.module)
    return here.map(({ field, label }) => ({
      plural,
      field,
      label: here.length === 1 ? display_plural : `${display_plural} (${inSentence(label)})`,
    }))
  })
  if (ways.length === 0) return null
  return (
    <Card title={text.related} className="mt-5">
      <ul className="flex flex-wrap gap-2">
        {ways.map(({ plural, field, label }) => (
          <li key={`${plural} ${field}`}>
            <Link
              to="/ui/m/$plural"
              params={{ plural }}
              search={{ where: { [field]: record.id } }}
              className={buttonClass('plain', 'small')}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
