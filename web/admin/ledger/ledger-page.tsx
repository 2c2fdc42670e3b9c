import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Download, Scale } from 'lucide-react'
import { read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/ledger.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Banner, PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { Accounts } from './accounts.tsx'
import { Journal } from './journal.tsx'

interface Recount {
  readonly ok: boolean
  readonly entries: number
  readonly rows: number
  readonly unbalanced: readonly string[]
  readonly drifted: readonly unknown[]
}

/** The double-entry ledger: what each account holds, and every entry behind it. */
export function LedgerPage() {
  const filter = useSearch({ from: '/frame/ui/ledger' })
  const query = new URLSearchParams(filter as Record<string, string>).toString()
  const recount = useMutation({
    mutationFn: () => read<Recount>('/admin/billing/ledger'),
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  return (
    <>
      <PageHeader
        title={text.title}
        description={text.lead}
        actions={
          <>
            <a
              className={buttonClass()}
              href={`/admin/billing/ledger/export${query === '' ? '' : `?${query}`}`}
              download
            >
              <Download size={15} aria-hidden /> {text.export}
            </a>
            <Button isBusy={recount.isPending} onClick={() => recount.mutate()}>
              <Scale size={15} aria-hidden /> {text.check}
            </Button>
          </>
        }
      />
      {recount.data !== undefined && <Found recount={recount.data} />}
      <Accounts filter={filter} />
      <Journal key={query} filter={filter} />
    </>
  )
}

function Found({ recount: { ok, entries, rows, unbalanced, drifted } }: { recount: Recount }) {
  return (
    <Banner tone={ok ? 'good' : 'bad'}>
      {ok ? text.balanced(entries, rows) : text.wrong(unbalanced.length, drifted.length)}
      {!ok && <p className="font-mono text-xs break-all">{JSON.stringify([...unbalanced, ...drifted])}</p>}
    </Banner>
  )
}
