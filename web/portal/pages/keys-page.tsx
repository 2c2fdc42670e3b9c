import { useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { text as bounds } from '@/text/key-bounds.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { useAddressFilters } from '../address-filters.ts'
import { useMe } from '../session.ts'
import { usePlans } from './billing/read-billing.ts'
import { BoundsForm } from './keys/bounds-form.tsx'
import { RevokeDialog, RotateDialog } from './keys/end-key.tsx'
import { KeyTable } from './keys/key-table.tsx'
import { NewKeyForm, ShownKey } from './keys/new-key.tsx'
import { type Key, type NewKey, useKeys } from './keys/read-keys.ts'

type Asking = { readonly what: 'bound' | 'rotate' | 'revoke'; readonly key: Key }

/** The keys of the organization: made, shown once, rotated and revoked. */
export function KeysPage() {
  const client = useQueryClient()
  const [address, change] = useAddressFilters(['new', 'revoked'])
  const [made, setMade] = useState<NewKey>()
  const [asking, setAsking] = useState<Asking>()
  const role = useMe()?.user.role
  const mayBound = role === 'owner' || role === 'admin'
  const currency = usePlans().data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  const list = useKeys()
  const showsRevoked = address.revoked !== ''
  const rows = list.data?.keys.filter(({ revoked_at }) => showsRevoked || revoked_at === null)
  const hasRevoked = list.data?.keys.some(({ revoked_at }) => revoked_at !== null) === true
  const ask = (what: Asking['what']) => (key: Key) => setAsking({ what, key })
  const close = (): void => setAsking(undefined)
  const asked = (what: Asking['what']): Key | undefined => (asking?.what === what ? asking.key : undefined)
  const bounding = asked('bound')
  const makeButton = (
    <Button look="primary" onClick={() => change({ new: '1' })}>
      <Plus size={15} aria-hidden /> {text.newKey}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={text.keys}
        description={text.keysLead}
        actions={(rows?.length ?? 0) > 0 && makeButton}
      />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty title={text.noKeys} action={makeButton}>
          {text.noKeysHelp}
        </Empty>
      ) : (
        <KeyTable
          rows={rows}
          currency={currency}
          deeds={{
            onBound: mayBound ? ask('bound') : undefined,
            onRotate: ask('rotate'),
            onRevoke: ask('revoke'),
          }}
        />
      )}
      {hasRevoked && (
        <label className="mt-3 inline-flex items-center gap-2 text-[13px] text-quiet">
          <input
            type="checkbox"
            checked={showsRevoked}
            onChange={(event) => change({ revoked: event.target.checked ? '1' : '' })}
          />
          {text.showRevoked}
        </label>
      )}
      <Dialog isOpen={address.new !== ''} onClose={() => change({ new: '' })} title={text.newKey}>
        <NewKeyForm
          onCancel={() => change({ new: '' })}
          onMade={(key) => {
            change({ new: '' })
            setMade(key)
            void client.invalidateQueries({ queryKey: ['keys'] })
          }}
        />
      </Dialog>
      <ShownKey made={made} onClose={() => setMade(undefined)} />
      <Dialog
        isOpen={bounding !== undefined}
        onClose={close}
        title={bounds.boundsOf(bounding?.name ?? '')}
        description={bounds.help}
      >
        {bounding !== undefined && <BoundsForm boundKey={bounding} onClose={close} />}
      </Dialog>
      <RotateDialog of={asked('rotate')} onClose={close} onMade={setMade} />
      <RevokeDialog of={asked('revoke')} onClose={close} />
    </>
  )
}
