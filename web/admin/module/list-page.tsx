import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Download, Plus } from 'lucide-react'
import { useState } from 'react'
import { readPage, wordsOf } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { type Column, DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { SearchBox } from '@/ui/search-box.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { exportList } from './export-list.ts'
import { Filters } from './filters.tsx'
import { OnlyOnce, secretsIn } from './only-once.tsx'
import { RecordForm } from './record-form.tsx'
import { type ModuleRecord, type ModuleSchema, useModuleSchema } from './schema.ts'
import { FieldValue } from './value.tsx'

const mostColumns = 8

/** The list of a module's records: sorted, filtered, continued and exported; its address says all of that. */
export function ModuleListPage() {
  const { plural } = useParams({ from: '/frame/ui/m/$plural' })
  const { data: schema, error, refetch } = useModuleSchema(plural)
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  return schema === undefined ? null : <RecordList key={plural} schema={schema} />
}

function RecordList({ schema }: { schema: ModuleSchema }) {
  const search = useSearch({ from: '/frame/ui/m/$plural' })
  const navigate = useNavigate({ from: '/ui/m/$plural' })
  const callOnce = useCallOnce()
  const [isCreating, setCreating] = useState(search.new === true)
  const client = useQueryClient()
  const [once, setOnce] = useState<Readonly<Record<string, string>>>({})
  const sort = search.sort ?? '-id'
  const address = addressOf(schema, sort, { ...search.where, ...searched(schema, search.q) })
  const list = useInfiniteQuery({
    queryKey: ['module', schema.module, 'list', address],
    queryFn: ({ pageParam, signal }) =>
      readPage<ModuleRecord>(
        `${address}${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  const exporting = useMutation({
    mutationFn: () => exportList(schema, address),
    onError: (failure) => say(wordsOf(failure), { isBad: true }),
  })
  const canCreate = schema.actions.some(({ kind }) => kind === 'create')
  const isFiltered = search.q !== undefined || Object.keys(search.where ?? {}).length > 0
  const isEmpty = rows?.length === 0 && !isFiltered
  const named = searchField(schema)
  const columns = columnsOf(schema)

  async function create(values: Record<string, unknown>): Promise<void> {
    const made = await callOnce<ModuleRecord>('POST', schema.path, values)
    await client.invalidateQueries({ queryKey: ['module', schema.module] })
    setCreating(false)
    setOnce(secretsIn(schema, made))
    say(text.created(schema.display_name))
  }

  return (
    <>
      <PageHeader
        title={schema.display_plural}
        description={schema.description}
        actions={
          isEmpty ? undefined : (
            <>
              <Button
                disabled={rows === undefined || rows.length === 0}
                isBusy={exporting.isPending}
                onClick={() => exporting.mutate()}
              >
                <Download size={15} aria-hidden /> {text.exportCsv}
              </Button>
              {canCreate && (
                <Button look="primary" onClick={() => setCreating(true)}>
                  <Plus size={15} aria-hidden /> {text.newRecord(schema.display_name)}
                </Button>
              )}
            </>
          )
        }
      />
      <OnlyOnce secrets={once} onClose={() => setOnce({})} />
      {!isEmpty && (
        <div className="mb-3 flex flex-wrap items-center gap-2">
          {named !== undefined && (
            <SearchBox
              label={text.searchBy(named.label)}
              value={search.q ?? ''}
              onSearch={(q) => {
                const { q: _before, ...others } = search
                void navigate({ search: { ...others, ...(q === '' ? {} : { q }) }, replace: true })
              }}
            />
          )}
          <Filters
            fields={schema.fields}
            where={search.where ?? {}}
            onChange={(where) => void navigate({ search: { ...search, where }, replace: true })}
          />
        </div>
      )}
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty
          title={isFiltered ? text.noneFound : text.noRecords(schema.display_plural)}
          action={
            isFiltered ? (
              <Button onClick={() => void navigate({ search: { sort: search.sort } })}>
                {text.clearFilters}
              </Button>
            ) : canCreate ? (
              <Button look="primary" onClick={() => setCreating(true)}>
                {text.newRecord(schema.display_name)}
              </Button>
            ) : undefined
          }
        >
          {isFiltered ? undefined : canCreate ? text.firstRecord : text.madeByItself}
        </Empty>
      ) : (
        <DataTable
          label={schema.display_plural}
          stacks
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          onOpen={({ id }) =>
            void navigate({ to: '/ui/m/$plural/$id', params: { plural: schema.plural, id } })
          }
          sort={search.sort ?? newestFirst(schema)}
          onSort={(next) => void navigate({ search: { ...search, sort: next }, replace: true })}
        />
      )}
      {list.hasNextPage && (
        <div className="mt-3 text-center">
          <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {shared.more}
          </Button>
        </div>
      )}
      <Dialog
        isOpen={isCreating}
        onClose={() => setCreating(false)}
        title={text.newRecord(schema.display_name)}
      >
        <RecordForm
          fields={schema.fields.filter((field) => !field.read_only)}
          verb={shared.create}
          onSend={create}
          onCancel={() => setCreating(false)}
        />
      </Dialog>
    </>
  )
}

/** A list begins with what was made last, as ids rise with time: its column of that says so. */
const newestFirst = ({ fields }: ModuleSchema): string =>
  fields.some(({ name }) => name === 'created_at') ? '-created_at' : '-id'

/** The text by which people know a record of the module. */
const searchField = ({ fields, name_field }: ModuleSchema) =>
  [fields.find(({ name }) => name === name_field), ...fields.filter(({ lookup }) => lookup)].find(
    (field) => field !== undefined && ['string', 'email'].includes(field.type) && !field.write_only,
  )

/** What a list is asked for words: records whose name has them in it, or the one that has that id. */
function searched(schema: ModuleSchema, words: string | undefined): Readonly<Record<string, string>> {
  const field = searchField(schema)
  if (words === undefined || field === undefined) return {}
  if (words.startsWith(`${schema.id_prefix}_`)) return { id: words }
  return { [`${field.name}[like]`]: `%${words}%` }
}

function addressOf(schema: ModuleSchema, sort: string, where: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ limit: '25', sort, ...where })
  return `${schema.path}?${query}`
}

function columnsOf(schema: ModuleSchema): Column<ModuleRecord>[] {
  // Amounts say their currency themselves.
  const currencies = schema.fields.map(({ money }) => money)
  const wanted = schema.columns
    .filter((name) => name !== 'id' && !currencies.includes(name))
    .slice(0, mostColumns)
  const shown = schema.fields.filter(({ name, write_only }) => wanted.includes(name) && !write_only)
  shown.sort((a, b) => wanted.indexOf(a.name) - wanted.indexOf(b.name))
  if (shown.length === 0) shown.push(...schema.fields.filter(({ name }) => name === 'id'))
  const createdAt = schema.fields.find(({ name }) => name === 'created_at')
  if (createdAt !== undefined && !shown.includes(createdAt)) shown.push(createdAt)
  return shown.map((field) => ({
    key: field.name,
    heading: field.label,
    isNumber: field.widget === 'number',
    canSort: field.widget !== 'json',
    cell: (row) => <FieldValue field={field} record={row} />,
  }))
}
