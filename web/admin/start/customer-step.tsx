import { call } from '@/data/api.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'

/** A customer, and the key that was made for it; the key is known only now. */
export interface Customer {
  readonly id: string
  readonly name: string
  readonly key: string
}

/** The first customer with its key; a key that could not be made is tried again for the same customer. */
export function CustomerStep({ onDone }: { onDone: (customer: Customer) => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { name: '', organizationId: '' },
    async ({ name, organizationId }) => {
      const id =
        organizationId === ''
          ? (await call<{ readonly id: string }>('POST', '/api/organizations', { name })).id
          : organizationId
      form.setValue('organizationId', id)
      const made = { organization_id: id, name: text.firstKey }
      const { key } = await call<{ readonly key: string }>('POST', '/api/api_keys', made)
      onDone({ id, name, key })
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.customerName} hint={text.customerHint} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy} className="justify-self-start">
        {text.makeCustomer}
      </Button>
    </form>
  )
}
