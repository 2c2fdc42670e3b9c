import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { ArrowLeft, ChartColumn } from 'lucide-react'
import { Suspense, useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { ConfirmDialog, Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Card, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { deedOf, switchDeed, useDeed } from './deed.ts'
import { extras, ownActions } from './extras.ts'
import { useName } from './names.ts'
import { OnlyOnce, secretsIn } from './only-once.tsx'
import { RecordFields } from './record-fields.tsx'
import { RecordForm } from './record-form.tsx'
import { Related } from './related.tsx'
import {
  isOffered,
  type ModuleAction,
  type ModuleRecord,
  type ModuleSchema,
  useModuleSchema,
} from './schema.ts'

/** What the usage page calls the records that usage is of. */
const usageNames: Readonly<Record<string, 'of' | 'key' | 'api' | 'route'>> = {
  organization: 'of',
  api_key: 'key',
  api: 'api',
  route: 'route',
}

/** One record of a module: its fields, and everything that can be done with it. */
export function ModuleRecordPage() {
  const { plural, id } = useParams({ from: '/frame/ui/m/$plural/$id' })
  const { data: schema, error, refetch } = useModuleSchema(plural)
  const record = useQuery({
    queryKey: ['module', schema?.module, 'record', id],
    queryFn: ({ signal }) => read<ModuleRecord>(`${schema?.path}/${encodeURIComponent(id)}`, signal),
    enabled: schema !== undefined,
  })
  const failure = error ?? record.error
  const problem = failure !== null && (
    <Problem error={failure} onRetry={() => void (error === null ? record : { refetch }).refetch()} />
  )
  if (schema === undefined || record.data === undefined) return problem || <Skeleton className="h-64" />
  return (
    <>
      {/* Above the record and not in its place: what somebody types there stays. */}
      {problem && <div className="mb-4">{problem}</div>}
      <OneRecord schema={schema} record={record.data} />
    </>
  )
}

function OneRecord({ schema, record }: { schema: ModuleSchema; record: ModuleRecord }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [doing, setDoing] = useState<ModuleAction>()
  const [once, setOnce] = useState<Readonly<Record<string, string>>>({})
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const name = useName(schema, record) ?? record.id
  const offered = schema.actions.filter((action) => isOffered(action, record))
  const actions = offered.filter(
    ({ kind, name }) =>
      (kind === 'custom' || kind === 'update') && !ownActions[schema.module]?.includes(name),
  )
  const deletion = offered.find(({ kind }) => kind === 'delete')
  const carryOut = useDeed(schema, record)
  const turning = switchDeed(schema, record)
  const close = (): void => {
    setDoing(undefined)
    setFailure(undefined)
  }

  async function send(action: ModuleAction, values?: Record<string, unknown>): Promise<void> {
    const path = action.path.replace('{id}', encodeURIComponent(record.id))
    const made = await call<ModuleRecord | undefined>(action.method, path, values)
    close()
    await client.invalidateQueries({ queryKey: ['module', schema.module] })
    if (action.kind === 'delete') {
      say(text.removed(schema.display_name))
      await navigate({ to: '/ui/m/$plural', params: { plural: schema.plural }, search: {} })
      return
    }
    say(action.kind === 'update' ? shared.saved : text.done(action.label))
    if (made !== undefined) setOnce(secretsIn(schema, made))
  }

  /** What can be taken back is done at once; all else is asked about first. */
  function begin(action: ModuleAction): void {
    const deed = action.confirm ? undefined : deedOf(schema, action, record)
    if (deed?.back === undefined) setDoing(action)
    else carryOut(deed)
  }

  async function confirmed(action: ModuleAction): Promise<void> {
    const deed = deedOf(schema, action, record)
    if (deed !== undefined) {
      close()
      carryOut(deed)
      return
    }
    setBusy(true)
    setFailure(undefined)
    try {
      await send(action, action.kind === 'delete' ? undefined : {})
    } catch (error) {
      setFailure(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }

  const Extra = extras[schema.module]
  const usedAs = usageNames[schema.module]
  const asksForInput = doing !== undefined && (doing.kind === 'update' || doing.input.length > 0)
  return (
    <>
      <Link
        to="/ui/m/$plural"
        params={{ plural: schema.plural }}
        search={{}}
        className="mb-2 inline-flex items-center gap-1 text-[13px] text-quiet hover:text-text"
      >
        <ArrowLeft size={14} aria-hidden /> {schema.display_plural}
      </Link>
      <PageHeader
        title={name === record.id ? schema.display_name : name}
        description={name === record.id ? undefined : schema.display_name}
        actions={
          <>
            {usedAs !== undefined && (
              <Link to="/ui/usage" search={{ [usedAs]: record.id }} className={buttonClass()}>
                <ChartColumn size={15} aria-hidden /> {shared.usage}
              </Link>
            )}
            {turning !== undefined && (
              <Button onClick={() => carryOut(turning)}>
                {turning.values['enabled'] === true ? text.enable : text.disable}
              </Button>
            )}
            {actions.map((action) => (
              <Button key={action.name} onClick={() => begin(action)} title={action.description}>
                {action.kind === 'update' ? shared.edit : action.label}
              </Button>
            ))}
          </>
        }
      />
      <OnlyOnce secrets={once} onClose={() => setOnce({})} />
      <RecordFields schema={schema} record={record} />
      {Extra !== undefined && (
        <Suspense fallback={<Skeleton className="mt-5 h-40" />}>
          <Extra key={record.id} record={record} />
        </Suspense>
      )}
      <Related schema={schema} record={record} />
      {deletion !== undefined && (
        <Card className="mt-5 border-danger/40">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <div>
              <h2 className="text-sm font-semibold">{text.deleteTitleOf(schema.display_name)}</h2>
              <p className="text-[13px] text-quiet">{text.deleteWarning}</p>
            </div>
            <Button look="danger" onClick={() => setDoing(deletion)} title={deletion.description}>
              {shared.delete}
            </Button>
          </div>
        </Card>
      )}
      <Dialog
        isOpen={asksForInput}
        onClose={close}
        title={doing?.kind === 'update' ? text.editRecord(schema.display_name) : (doing?.label ?? '')}
      >
        {doing !== undefined && (
          <RecordForm
            fields={
              doing.kind === 'update'
                ? schema.fields.filter((field) => !field.read_only && !field.immutable)
                : doing.input
            }
            record={doing.kind === 'update' ? record : undefined}
            about={record}
            {...(doing.confirm ? { typed: name } : {})}
            verb={doing.kind === 'update' ? shared.save : doing.label}
            onSend={(values) => send(doing, values)}
            onCancel={close}
          />
        )}
      </Dialog>
      <ConfirmDialog
        isOpen={doing !== undefined && !asksForInput}
        onClose={close}
        onConfirm={() => doing !== undefined && void confirmed(doing)}
        title={
          doing?.kind === 'delete'
            ? text.deleteTitle(schema.display_name)
            : text.askTitle(doing?.label ?? '', name)
        }
        keep={text.keep}
        verb={doing?.kind === 'delete' ? shared.delete : (doing?.label ?? '')}
        isBusy={busy}
        error={failure}
        {...(doing?.kind === 'delete' ? { typed: name } : {})}
      >
        {doing?.kind === 'delete' ? text.deleteHelp : doing?.description}
      </ConfirmDialog>
    </>
  )
}
