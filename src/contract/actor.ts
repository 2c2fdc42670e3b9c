/** What an operator may do: everything, look only, or look and handle money. */
export const operatorRoles = ['superadmin', 'support', 'billing'] as const

/** One of the roles of an operator. */
export type OperatorRole = (typeof operatorRoles)[number]

/** What a user may do in an organization, the most first; each may do what those after it may. */
export const memberRoles = ['owner', 'admin', 'member'] as const

/** One of the roles in an organization. */
export type MemberRole = (typeof memberRoles)[number]

/**
 * Who is asking. `system` is the product itself (hooks, jobs, the command line on its own database); with an `organizationId` it acts
 * inside that organization only, as the hooks of a member's call do. A `member` is a user in one of their organizations.
 */
export type Actor =
  | { readonly kind: 'system'; readonly id: string; readonly organizationId?: string }
  | { readonly kind: 'operator'; readonly id: string; readonly role: OperatorRole }
  | {
      readonly kind: 'member'
      /** The user. */
      readonly id: string
      readonly organizationId: string
      readonly role: MemberRole
      /** The operator who acts as this member for a while. */
      readonly impersonatedBy?: string
      /** True where that operator may only look. */
      readonly isReadOnly?: boolean
    }
  | { readonly kind: 'anonymous' }

/** The product acting on its own behalf. */
export const systemActor: Actor = { kind: 'system', id: 'system' }
