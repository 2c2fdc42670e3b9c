import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, query, shape, text, textOrNull, truth } from './shapes.ts'

const role = oneOf('owner', 'admin', 'member')
const id: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }
const member = shape({
  id: { ...text, description: 'Of the user' },
  email: text,
  full_name: text,
  role,
  status: oneOf('pending', 'active', 'suspended', 'cancelled'),
  joined_at: { type: 'string', format: 'date-time' },
})
/** An organization as its people see it. */
export const organization = shape({
  id: text,
  name: text,
  slug: textOrNull,
  email: textOrNull,
  status: oneOf('active', 'suspended', 'closed'),
  role,
  is_active: { ...truth, description: 'Whether the session acts in it' },
})

/** Members of an organization, and the organizations of a person, by their rule. */
export const teamDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /api/v1/team/members': {
    id: 'list_team',
    tag: 'Team',
    summary: 'Who belongs to the organization, in the order of joining, a hundred a page',
    parameters: [query('cursor', text, 'Where the page before ended')],
    answers: {
      200: {
        description: 'A page',
        schema: enveloped(shape({ members: listOf(member), next_cursor: textOrNull })),
      },
    },
  },
  'PUT /api/v1/team/members/:id/role': {
    id: 'change_team_role',
    tag: 'Team',
    summary: 'Give a member another role; the last owner stays one',
    parameters: [id],
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['role'],
          properties: { role },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: { 200: { description: 'Changed', schema: enveloped(member) } },
    errors: ['not_found', 'permission_denied', 'conflict'],
  },
  'DELETE /api/v1/team/members/:id': {
    id: 'remove_team_member',
    tag: 'Team',
    summary: 'Take somebody out, or leave; the keys that they made are revoked',
    parameters: [id],
    answers: { 200: { description: 'Out', schema: enveloped(shape({ removed: { const: true } })) } },
    errors: ['not_found', 'permission_denied', 'conflict'],
  },
  'GET /api/v1/organizations': {
    id: 'list_own_organizations',
    tag: 'Team',
    summary: 'The organizations of who is signed in, at most a hundred',
    answers: { 200: { description: 'All', schema: enveloped(listOf(organization)) } },
  },
  'POST /api/v1/organizations/:id/switch': {
    id: 'switch_organization',
    tag: 'Team',
    summary: 'Let this session act in another organization of the person',
    parameters: [id],
    answers: { 200: { description: 'Switched', schema: enveloped(organization) } },
    errors: ['not_found'],
  },
}
