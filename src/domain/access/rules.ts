import type { MemberRole } from '#contract/actor.ts'

/**
 * Who an address answers: `anyone`; an `operator` (token or session) of any role; a `superadmin`; or a `scraper`, which is an operator,
 * a program on the same machine, or anyone when the metrics are public. A `visitor` is anyone, and is answered as an operator where the
 * credentials say so. A `person` is anybody with an account who is signed in, a `member` one who acts in an organization that is active,
 * an `admin` and an `owner` one of at least that role there. `signed_in` is an operator or a member.
 */
export type Who =
  | 'anyone'
  | 'visitor'
  | 'operator'
  | 'superadmin'
  | 'scraper'
  | 'person'
  | MemberRole
  | 'signed_in'

/**
 * The one table of everything the control plane answers. A handler without a row, or a row without a handler, stops the start.
 * The addresses of modules share one row; what an operator may do there is decided by the module's actions.
 */
export const rules = {
  'DELETE /admin/jobs/:id': 'superadmin',
  'GET /': 'anyone',
  'GET /admin/audit': 'operator',
  'GET /admin/audit/export': 'operator',
  'GET /admin/config': 'operator',
  'GET /admin/emails': 'operator',
  'GET /admin/emails/:template': 'operator',
  'GET /admin/health': 'operator',
  'GET /admin/jobs': 'superadmin',
  'GET /admin/me': 'operator',
  'GET /admin/providers': 'operator',
  'GET /admin/providers/:name': 'operator',
  'GET /admin/sync': 'operator',
  'GET /admin/sync/:name': 'operator',
  'GET /admin/upstreams': 'operator',
  'GET /admin/usage/summary': 'operator',
  'GET /assets/app/:file': 'anyone',
  'GET /assets/base.css': 'anyone',
  'GET /assets/gateway.schema.json': 'anyone',
  'GET /assets/icon.svg': 'anyone',
  'GET /assets/theme.js': 'anyone',
  'GET /docs': 'anyone',
  'GET /docs/errors': 'anyone',
  'GET /health': 'anyone',
  'GET /health/live': 'anyone',
  'GET /health/ready': 'anyone',
  'GET /metrics': 'scraper',
  'GET /openapi.json': 'visitor',
  'GET /openapi.yaml': 'visitor',
  'GET /portal': 'anyone',
  'GET /portal/*': 'anyone',
  'GET /ui': 'anyone',
  'GET /ui/*': 'anyone',
  'DELETE /api/v1/auth/sessions': 'person',
  'DELETE /api/v1/auth/sessions/:id': 'person',
  'DELETE /api/v1/keys/:id': 'member',
  'DELETE /api/v1/team/members/:id': 'member',
  'GET /api/v1/organizations': 'person',
  'GET /api/v1/team/members': 'member',
  'POST /api/v1/organizations/:id/switch': 'person',
  'PUT /api/v1/team/members/:id/role': 'owner',
  'GET /api/v1/keys': 'member',
  'GET /api/v1/spending': 'member',
  'PATCH /api/v1/keys/:id': 'admin',
  'PUT /api/v1/spending/cap': 'admin',
  'POST /api/v1/keys': 'member',
  'POST /api/v1/keys/:id/rotate': 'member',
  'GET /api/v1/auth/me': 'person',
  'GET /api/v1/auth/sessions': 'person',
  'POST /admin/audit/verify': 'operator',
  'POST /admin/config/apply': 'superadmin',
  'POST /admin/config/plan': 'superadmin',
  'POST /admin/emails/:template/test': 'superadmin',
  'POST /admin/jobs/:id/retry': 'superadmin',
  'POST /admin/login': 'anyone',
  'POST /admin/logout': 'operator',
  'POST /admin/providers/:name/disable': 'superadmin',
  'POST /admin/providers/:name/enable': 'superadmin',
  'POST /admin/providers/switch': 'superadmin',
  'POST /admin/providers/test': 'operator',
  'POST /admin/reconcile': 'superadmin',
  'POST /admin/routes/import': 'superadmin',
  'POST /api/mcp': 'signed_in',
  'POST /admin/sync/:name/reset': 'superadmin',
  'POST /admin/sync/:name/run': 'superadmin',
  'POST /admin/setup': 'anyone',
  'POST /api/routes/test': 'operator',
  'POST /api/v1/auth/change-email': 'person',
  'POST /api/v1/auth/change-password': 'person',
  'POST /api/v1/auth/close-account': 'person',
  'POST /api/v1/auth/confirm-email': 'anyone',
  'POST /api/v1/auth/login': 'anyone',
  'POST /api/v1/auth/logout': 'person',
  'POST /api/v1/auth/register': 'anyone',
  'POST /api/v1/auth/request-email-verification': 'anyone',
  'POST /api/v1/auth/request-password-reset': 'anyone',
  'POST /api/v1/auth/reset-password': 'anyone',
  'POST /api/v1/auth/two-factor/begin': 'person',
  'POST /api/v1/auth/two-factor/disable': 'person',
  'POST /api/v1/auth/two-factor/enable': 'person',
  'POST /api/v1/auth/verify-email': 'anyone',
  'module routes': 'signed_in',
  'module subscriptions': 'signed_in',
} as const satisfies Readonly<Record<string, Who>>
