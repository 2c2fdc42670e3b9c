import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call, wordsOf } from '@/data/api.ts'
import { text as words } from '@/text/extras.ts'
import { text } from '@/text/money-desk.ts'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'

/** Voids an invoice or gives it up, once its number is typed. */
export function EndInvoice({
  record,
  way,
  onClose,
}: {
  record: ModuleRecord
  way: 'void' | 'write-off' | undefined
  onClose: () => void
}) {
  const client = useQueryClient()
  const number = String(record['number'])
  const isVoid = way === 'void'
  const end = useMutation({
    mutationFn: () => call('POST', `/admin/billing/invoices/${record.id}/${way}`, {}),
    onSuccess: () => {
      say(isVoid ? words.voided : text.writtenOff)
      onClose()
      return client.invalidateQueries({ queryKey: ['module'] })
    },
  })
  return (
    <ConfirmDialog
      isOpen={way !== undefined}
      onClose={() => {
        end.reset()
        onClose()
      }}
      onConfirm={() => end.mutate()}
      title={isVoid ? words.voidTitle(number) : text.writeOffTitle(number)}
      verb={isVoid ? words.void : text.writeOff}
      typed={number}
      isBusy={end.isPending}
      error={end.error === null ? undefined : wordsOf(end.error)}
    >
      {isVoid ? words.voidHelp : text.writeOffHelp}
    </ConfirmDialog>
  )
}
