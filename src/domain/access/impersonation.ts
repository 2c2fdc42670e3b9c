/**
 * What an operator who acts as somebody may change beside the records of modules, which have their own rule. Everything that is not
 * here is closed to them: credentials, sessions, addresses, secrets of keys, and what is added one day.
 */
const open: ReadonlySet<string> = new Set(['DELETE /api/v1/keys/:id'])
/** Ends it, which everybody may. */
const ending: ReadonlySet<string> = new Set([
  'POST /api/v1/auth/impersonation/end',
  'POST /api/v1/auth/logout',
])
/** Looks and writes alike: what it does is decided action by action. */
const byAction: ReadonlySet<string> = new Set(['POST /api/mcp'])

/** Whether an operator who acts as somebody may use an address; `isOfModule` for those whose actions have a rule of their own. */
export function mayWhileImpersonating(
  {
    method,
    path,
    isOfModule,
  }: { readonly method: string; readonly path: string; readonly isOfModule: boolean },
  isReadOnly: boolean,
): boolean {
  const address = `${method} ${path}`
  if (method === 'GET' || method === 'HEAD' || ending.has(address) || byAction.has(address)) return true
  return !isReadOnly && (isOfModule || open.has(address))
}

/** Modules about who somebody is and how they get in: an operator who acts as somebody changes nothing there. */
const closed: ReadonlySet<string> = new Set([
  'auth_token',
  'invitation',
  'membership',
  'oauth_identity',
  'organization',
  'sign_in_domain',
  'user',
  'user_session',
])

/** Whether an operator who acts as a member may call an action that the member may call. */
export function permitsImpersonated(
  module: string,
  action: { readonly name: string; readonly kind: string },
  isReadOnly: boolean,
): boolean {
  if (action.kind === 'list' || action.kind === 'get') return true
  if (isReadOnly || closed.has(module)) return false
  // A key that is made or replaced shows its secret.
  return module !== 'api_key' || action.name === 'revoke'
}
