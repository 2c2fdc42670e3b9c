/** What an operator may do: everything, look only, or look and handle money. */
export type OperatorRole = 'superadmin' | 'support' | 'billing'

/** Who is asking. `system` is the product itself (hooks, jobs, the command line on its own database). */
export type Actor =
  | { readonly kind: 'system'; readonly id: string }
  | { readonly kind: 'operator'; readonly id: string; readonly role: OperatorRole }
  | { readonly kind: 'anonymous' }

/** The product acting on its own behalf. */
export const systemActor: Actor = { kind: 'system', id: 'system' }
