import type { ReadSite, Site } from '#app/site/read-site.ts'
import { refuse } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import type { Ids } from '#ports/ids.ts'
import type { ControlHandler } from '../route-table.ts'
import type { BuiltFile, BuiltPages } from './built-pages.ts'
import { escapeHtml } from './markup.ts'
import { page } from './page.ts'

const aYear = 'public, max-age=31536000, immutable'
const aWhile = 'public, max-age=300'
const places = /__(?:CSP_NONCE|BRAND|BRAND_LOGO|BRAND_COLORS|REGISTRATION)__/g

/** The applications in the browser (operators' at `/ui`, customers' at `/portal`) and their files, by their rule. */
export function applicationHandlers(
  pages: BuiltPages,
  ids: Pick<Ids, 'next'>,
  readSite: ReadSite,
): Readonly<Record<string, ControlHandler>> {
  const ui = application(pages, ids, 'ui')
  const portal = application(pages, ids, 'portal', readSite)
  return {
    'GET /ui': ui,
    'GET /ui/*': ui,
    'GET /portal': portal,
    'GET /portal/*': portal,
    'GET /assets/app/:file': (asked) => fileAnswer(pages, asked, `app/${asked.parameters['file']}`, aYear),
    'GET /assets/icon.svg': (asked) => fileAnswer(pages, asked, 'icon.svg', aWhile),
    'GET /assets/site.js': (asked) => fileAnswer(pages, asked, 'site.js', aWhile),
    'GET /assets/theme.js': (asked) => fileAnswer(pages, asked, 'theme.js', aWhile),
  }
}

/** One page for all addresses of an application, which finds out by itself which of them it is at. */
function application(
  pages: BuiltPages,
  ids: Pick<Ids, 'next'>,
  name: string,
  readSite?: ReadSite,
): ControlHandler {
  return async () => {
    const html = pages.html(name)
    if (html === undefined) return notBuilt()
    const nonce = ids.next('csp')
    const site = await readSite?.()
    const written: Readonly<Record<string, string>> = { __CSP_NONCE__: nonce, ...brandOf(site) }
    // As a function: what a brand is called is no pattern of replacement, and no place either.
    return new Response(
      html.replace(places, (place) => escapeHtml(written[place] ?? '')),
      {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': contentPolicy(nonce, site?.logoUrl ?? ''),
        },
      },
    )
  }
}

/** What an application says of the brand and of who may come, by the place where it stands in its page. */
function brandOf(site: Site | undefined): Readonly<Record<string, string>> {
  const colors = site?.colors
  return {
    __BRAND__: site?.name ?? 'APIGate',
    __BRAND_LOGO__: site?.logoUrl ?? '',
    __REGISTRATION__: site?.isRegistrationOpen === false ? 'closed' : 'open',
    __BRAND_COLORS__:
      colors === undefined
        ? ''
        : [colors.ground, colors.onGround, colors.lightText, colors.darkText].join(' '),
  }
}

/**
 * Scripts are files of ours and nothing else; styles too, but for those that carry this answer's nonce. A logo may come from the one
 * host that the settings name.
 */
const contentPolicy = (nonce: string, logoUrl: string): string =>
  [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:${logoUrl.startsWith('https://') ? ` ${new URL(logoUrl).origin}` : ''}`,
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')

function notBuilt(): Response {
  const words =
    '<h1>These pages are not built</h1><p>Run <code>npm run build</code>, then start APIGate again.</p>'
  return new Response(page('APIGate', words), {
    status: 503,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })
}

function fileAnswer(
  pages: BuiltPages,
  { request, requestId }: Parameters<ControlHandler>[0],
  name: string,
  cacheControl: string,
): Response {
  const file = pages.file(name)
  if (file === undefined) return refusalAnswer(refuse('not_found', 'There is no such file'), requestId)
  const accepts = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
  return new Response(bytes(file, accepts), {
    headers: {
      'content-type': file.type,
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(accepts && file.zipped !== undefined ? { 'content-encoding': 'gzip' } : {}),
    },
  })
}

const bytes = ({ body, zipped }: BuiltFile, accepts: boolean): Uint8Array<ArrayBuffer> =>
  new Uint8Array(accepts && zipped !== undefined ? zipped : body)
