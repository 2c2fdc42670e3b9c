import { html } from '../markup.ts'
import { code, codes } from '../site-page.ts'
import type { DocsFacts, DocsPage } from './docs-page.ts'

const keyPlace = 'YOUR_KEY'

/** The call that examples show, for a shell. */
export const curlCall = ({ apiUrl, examplePath }: Pick<DocsFacts, 'apiUrl' | 'examplePath'>): string =>
  `curl -i "${apiUrl}${examplePath}" \\\n  -H "Authorization: Bearer ${keyPlace}"`

/** The first call in the languages that most people use, each ready to run. */
const callsIn = (url: string, curl: string): readonly (readonly [language: string, text: string])[] => [
  ['sh', curl],
  [
    'JavaScript',
    `const answer = await fetch("${url}", {
  headers: { Authorization: "Bearer ${keyPlace}" },
});
console.log(answer.status, await answer.text());`,
  ],
  [
    'Python',
    `from urllib.request import Request, urlopen

request = Request(
    "${url}",
    headers={"Authorization": "Bearer ${keyPlace}"},
)
with urlopen(request, timeout=10) as answer:
    print(answer.status, answer.read().decode())`,
  ],
  [
    'Go',
    `package main

import (
	"fmt"
	"io"
	"net/http"
)

func main() {
	request, err := http.NewRequest("GET", "${url}", nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer ${keyPlace}")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.Status, string(body))
}`,
  ],
]

/** From nothing to an answer. */
export function quickstart(facts: DocsFacts): DocsPage {
  const { site, baseUrl, apiUrl, examplePath } = facts
  const url = `${apiUrl}${examplePath}`
  return {
    path: '/docs',
    title: 'Quickstart',
    lead: `Get a key, send it with a request to ${apiUrl}, and read what the answer says about your limits.`,
    sections: [
      {
        id: 'get-a-key',
        title: '1. Get a key',
        body: site.isRegistrationOpen
          ? html`<p><a href="/portal/sign-up">Create an account</a>, then make a key under <a href="/portal/keys">Keys</a>. It is shown once: keep it where your secrets are.</p>`
          : html`<p>Accounts are made by invitation. When you have one, make a key under <a href="/portal/keys">Keys</a>. It is shown once: keep it where your secrets are.</p>`,
      },
      {
        id: 'first-call',
        title: '2. Call the API',
        body: html`<p>Put your key in the place of <code>${keyPlace}</code>.</p>
${codes(callsIn(url, curlCall(facts)))}
<p>What else can be called stands in the <a href="/docs/api">API reference</a>.</p>`,
      },
      {
        id: 'read-the-answer',
        title: '3. Read the answer',
        body: html`<p>Every answer carries <code>X-RateLimit-Remaining</code> and <code>X-Quota-Remaining</code> (<a href="/docs/limits">Limits and quotas</a>) and an <code>X-Request-Id</code> to quote when you ask for help. A refusal is JSON with a type and a sentence that says what to do (<a href="/docs/errors">Errors</a>).</p>
<p>In the portal, <a href="/portal/usage">Usage</a> shows the call a moment later. The portal is at ${baseUrl}/portal.</p>`,
      },
    ],
  }
}

/** How requests say who they are from. */
export function authentication({ apiUrl, baseUrl, examplePath }: DocsFacts): DocsPage {
  return {
    path: '/docs/authentication',
    title: 'Authentication',
    lead: 'The API takes keys. Your account, its keys and its bills are looked after with a sign-in token.',
    sections: [
      {
        id: 'api-keys',
        title: 'API keys',
        body: html`<p>Send the key as a bearer token or in a header of its own; where both are there, the bearer token counts.</p>
${code('HTTP', `GET ${examplePath}\nAuthorization: Bearer ${keyPlace}`)}
${code('HTTP', `GET ${examplePath}\nX-API-Key: ${keyPlace}`)}
<p>Where nothing else is possible, <code>?api_key=${keyPlace}</code> works too, unless it was switched off here. Addresses end up in logs and histories: prefer the headers. The key is taken out before the request goes on.</p>`,
      },
      {
        id: 'keep-keys-safe',
        title: 'Keep keys safe',
        body: html`<ul>
<li>A key belongs on a server. In a page or an app everybody can read it.</li>
<li>Give each program its own key, with the scopes, addresses and limits that it needs and no more.</li>
<li><strong>Rotate</strong> a key under <a href="/portal/keys">Keys</a>: a new one is made at once, and the former one works on for a time that you choose.</li>
<li><strong>Revoke</strong> a key that got out. From the next request on it is refused with <a href="/docs/errors#key_revoked">key_revoked</a>.</li>
</ul>`,
      },
      {
        id: 'account-tokens',
        title: 'Tokens for your account',
        body: html`<p>The <a href="/docs/platform">account API</a> at ${baseUrl} takes the token of a sign-in. A key opens nothing there, and a token opens nothing at ${apiUrl}.</p>
${code(
  'sh',
  `curl -s "${baseUrl}/api/v1/auth/login" \\
  -H "Content-Type: application/json" \\
  -d '{"email": "you@example.com", "password": "YOUR_PASSWORD"}'`,
)}
<p>Send <code>data.token</code> of the answer as <code>Authorization: Bearer</code>. With two-factor authentication switched on, add <code>"code"</code>.</p>`,
      },
    ],
  }
}

/** What the plans are. */
export function plansPage({ site }: DocsFacts): DocsPage {
  return {
    path: '/docs/plans',
    title: 'Plans',
    lead: 'What each plan includes, what more costs, and how to change.',
    sections: [
      ...site.plans.map(({ name, description, fee, isFree, lines, isDefault }, at) => ({
        id: `plan-${at + 1}`,
        title: name,
        body: html`${description === '' ? undefined : html`<p>${description}</p>`}
<ul><li>${isFree ? fee : `${fee} a month`}</li>${lines.map((line) => html`<li>${line}</li>`)}</ul>
${isDefault ? html`<p class="quiet">New accounts begin here.</p>` : undefined}`,
      })),
      {
        id: 'change-plans',
        title: 'Change plans',
        body: html`<p>Owners change the plan in the <a href="/portal">portal</a>, which shows the exact amounts first. A plan with a higher fee begins at once and is charged for the rest of the period; one with a lower fee begins with the next period. Limits and quota change in the same instant as the price.</p>
<p>You keep the price that you signed up at until you change plans yourself.</p>`,
      },
    ],
  }
}
