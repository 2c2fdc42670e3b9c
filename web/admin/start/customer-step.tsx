import { call } from '@/data/api.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'

/** A customer that is there. */
interface Former {
  readonly id: string
  readonly name: string
}

/** A customer, and the key that was made for it; the key is known only now. */
export interface Customer extends Former {
  readonly key: string
}

/** The first customer with its key; a customer that is there already gets another key, as the one before was shown once. */
export function CustomerStep({
  former,
  onMade,
  onOther,
  onDone,
}: {
  former: Former | undefined
  /** The customer is there, and its key is not yet. */
  onMade: (customer: Former) => void
  /** It is not to be the former one. */
  onOther: () => void
  onDone: (customer: Customer) => void
}) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { name: former?.name ?? '' },
    async ({ name }) => {
      const id =
        former?.id ?? (await call<{ readonly id: string }>('POST', '/api/organizations', { name })).id
      onMade({ id, name })
      const made = { organization_id: id, name: text.firstKey }
      const { key } = await call<{ readonly key: string }>('POST', '/api/api_keys', made)
      onDone({ id, name, key })
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {former === undefined ? (
        <Field label={text.customerName} hint={text.customerHint} error={errorOf('name')}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
        </Field>
      ) : (
        <p className="text-quiet">{text.customerThere(former.name)}</p>
      )}
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" isBusy={isBusy}>
          {former === undefined ? text.makeCustomer : text.makeKey}
        </Button>
        {former !== undefined && (
          <Button
            onClick={() => {
              form.reset({ name: '' })
              onOther()
            }}
          >
            {text.otherCustomer}
          </Button>
        )}
      </div>
    </form>
  )
}
