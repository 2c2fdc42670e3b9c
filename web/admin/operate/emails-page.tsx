import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { labelOf } from '#core/schema/label.ts'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Known } from '@/ui/problem.tsx'
import { PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useOperator } from '../session.ts'

interface Mail {
  readonly template: string
  readonly description: string
}

/** Every mail with sample data; a superadmin sends one to themselves. */
export function EmailsPage() {
  const isSuperadmin = useOperator()?.role === 'superadmin'
  const [shown, setShown] = useState<Mail>()
  const mails = useQuery({
    queryKey: ['emails'],
    queryFn: ({ signal }) => read<readonly Mail[]>('/admin/emails', signal),
  })
  const send = useMutation({
    mutationFn: (template: string) => call('POST', `/admin/emails/${template}/test`, {}),
    onSuccess: () => say(text.testSent),
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  return (
    <>
      <PageHeader title={text.emails} description={text.emailsLead} />
      <Known of={mails}>
        <DataTable
          label={text.emails}
          stacks
          rows={mails.data}
          rowKey={({ template }) => template}
          onOpen={setShown}
          columns={[
            { key: 'template', heading: text.email, cell: ({ template }) => labelOf(template) },
            { key: 'description', heading: text.when, isProse: true, cell: ({ description }) => description },
          ]}
        />
      </Known>
      <Dialog
        isOpen={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown === undefined ? '' : labelOf(shown.template)}
        description={shown?.description}
      >
        {shown !== undefined && (
          <div className="grid gap-3">
            <iframe
              title={text.mailOf(shown.template)}
              src={`/admin/emails/${shown.template}?part=html`}
              className="h-[55vh] w-full rounded-md border bg-white"
            />
            {isSuperadmin && (
              <Button
                className="justify-self-end"
                isBusy={send.isPending}
                onClick={() => send.mutate(shown.template)}
              >
                {text.sendTest}
              </Button>
            )}
          </div>
        )}
      </Dialog>
    </>
  )
}
