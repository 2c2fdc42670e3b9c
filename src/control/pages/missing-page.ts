import type { ReadSite } from '#app/site/read-site.ts'
import { isForEyes } from '../for-eyes.ts'
import { sideOf } from './docs/docs-page.ts'
import { html } from './markup.ts'
import { noticePage } from './notice-page.ts'

/** Where only programs ask: there they read the same whatever they say that they like. */
const ofPrograms =
  /^\/(?:api|v1|public|ws|webhooks|health|metrics|assets|auth|oauth|\.well-known|openapi\.(?:json|yaml))(?:\/|$)|^\/admin\//

/**
 * The page for a person who opened an address at which there is nothing, with the ways on from there; undefined where a program asked,
 * which is told in its own language.
 */
export async function missingPage(
  deps: { readonly readSite: ReadSite },
  request: Request,
  requestId: string,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead || ofPrograms.test(pathname) || !isForEyes(request)) return undefined
  const site = await deps.readSite()
  const isDocs = /^\/docs(?:\/|$)/.test(pathname)
  return noticePage(site, {
    title: 'There is no such page',
    words: html`<p class="lead">${isDocs ? 'It may have moved: search for it, or take one of the pages that there are.' : 'It may have moved, or the address has a mistake.'}</p>`,
    ways: isDocs
      ? [
          ['/docs', 'To the documentation'],
          ['/docs/search', 'All pages'],
        ]
      : [
          ['/', 'To the first page'],
          ['/docs', 'To the documentation'],
          ['/portal', 'To your account'],
        ],
    requestId,
    status: 404,
    ...(isDocs ? { side: sideOf(pathname) } : {}),
  })
}
