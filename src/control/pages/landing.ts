import { page } from './page.ts'

/** What `/` shows where no route claims it. */
export function landingPage(): string {
  return page(
    'APIGate',
    `<h1>APIGate</h1>
<p>This address serves metered APIs: it checks keys, keeps to limits, counts every call and knows what it costs.</p>
<p class="quiet">Send your key as <code>Authorization: Bearer …</code> or <code>X-API-Key</code>.</p>
<nav aria-label="Pages">
<ul>
<li><a href="/docs/errors">What errors mean</a></li>
<li><a href="/health">Health</a></li>
</ul>
</nav>`,
  )
}
