import type { OrganizationWish } from '#app/account/own-organizations.ts'
import { successBody } from '#contract/envelope.ts'
import { refuseFields } from '#contract/outcome.ts'
import type { OrganizationRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { idempotentPost } from '#core/channel/http/idempotent-post.ts'
import type { Row } from '#ports/records.ts'
import type { ControlHandler } from '../route-table.ts'
import { originOf } from './answers.ts'
import { emailField, passwordField, readFields } from './fields.ts'
import type { InvitationDependencies } from './invitation-handlers.ts'
import { forPerson } from './own-account-handlers.ts'
import { refused } from './sign-in-handlers.ts'
import { organizationData } from './team-handlers.ts'

const nameField = { most: 200 }

/** What people do with organizations as a whole, by their rule. */
export function organizationHandlers(deps: InvitationDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'POST /api/v1/organizations': createHandler(deps),
    'PATCH /api/v1/organizations/:id': renameHandler(deps),
    'POST /api/v1/organizations/:id/close': forPerson(async (asked, person) => {
      const fields = await readFields(asked.request, { password: passwordField, confirmation: nameField })
      if (!fields.ok) return refusalAnswer(fields, asked.requestId)
      const wish = { id: asked.parameters['id'] ?? '', ...fields.value }
      const refusal = await deps.accounts.organizations.close(person, wish, originOf(deps, asked))
      return refusal === undefined ? dataAnswer({ closed: true }) : refused(deps, asked, refusal)
    }),
    'POST /api/v1/organizations/:id/transfer': forPerson(async (asked, person) => {
      const fields = await readFields(asked.request, { user_id: { most: 64 }, password: passwordField })
      if (!fields.ok) return refusalAnswer(fields, asked.requestId)
      const { user_id: userId, password } = fields.value
      const wish = { organizationId: asked.parameters['id'] ?? '', userId, password }
      const outcome = await deps.accounts.transferOwnership(person, wish, originOf(deps, asked))
      if (!outcome.ok) return refused(deps, asked, outcome)
      return dataAnswer({ organization_id: outcome.value.organizationId, owner_id: outcome.value.ownerId })
    }),
  }
}

function createHandler(deps: InvitationDependencies): ControlHandler {
  return forPerson(async (asked, person) => {
    const { requestId } = asked
    const fields = await readFields(asked.request, {
      name: nameField,
      email: { ...emailField, isOptional: true },
    })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const call = await deps.accounts.organizations.creation(person, wishOf(fields.value), requestId)
    if (!call.ok) return refusalAnswer(call, requestId)
    return idempotentPost(deps, asked, call.value, ({ row }) => ({
      status: 201,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(successBody(newData(row))),
    }))
  })
}

function renameHandler(deps: InvitationDependencies): ControlHandler {
  return forPerson(async (asked, person) => {
    const { requestId } = asked
    const fields = await readFields(asked.request, {
      name: { ...nameField, isOptional: true },
      email: { ...emailField, isOptional: true },
    })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const wish = wishOf(fields.value)
    if (wish.name === undefined && wish.email === undefined)
      return refusalAnswer(refuseFields([{ field: 'name', reason: 'or email is required' }]), requestId)
    const id = asked.parameters['id'] ?? ''
    const renamed = await deps.accounts.organizations.rename(person, id, wish, requestId)
    if (!renamed.ok) return refusalAnswer(renamed, requestId)
    return dataAnswer(organizationData(renamed.value, person.actor?.organizationId))
  })
}

function wishOf({ name, email }: { readonly name: string; readonly email: string }): OrganizationWish {
  return {
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(email.trim() === '' ? {} : { email: email.trim().toLowerCase() }),
  }
}

/** A session acts in a new organization once it was switched there. */
const newData = (row: Row) => {
  const organization = row as Row & Pick<OrganizationRow, 'name' | 'slug' | 'email' | 'status'>
  return organizationData({ organization, role: 'owner' }, undefined)
}
