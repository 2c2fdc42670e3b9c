import { errors } from '#contract/errors.ts'
import { html } from '../markup.ts'
import { code } from '../site-page.ts'
import { type DocsFacts, type DocsPage, table } from './docs-page.ts'

/** What an answer says about rate limits and quotas. */
export function limits({ apiUrl, examplePath }: DocsFacts): DocsPage {
  const header = (name: string) => html`<code>${name}</code>`
  return {
    path: '/docs/limits',
    title: 'Limits and quotas',
    lead: 'How fast and how much you may ask, where every answer says it, and what to do at the end of it.',
    sections: [
      {
        id: 'rate-limits',
        title: 'Rate limits',
        body: html`<p>A rate limit fills up continuously: after a pause you can send a burst of a whole minute, and then as many as flow back. Past it the answer is 429 <a href="/docs/errors#rate_limit_exceeded">rate_limit_exceeded</a>, and <code>Retry-After</code> says in how many seconds a place is free. A request that is refused is not counted.</p>
${table(
  ['Header', 'Says'],
  [
    [header('X-RateLimit-Limit'), 'requests in a whole window'],
    [header('X-RateLimit-Remaining'), 'how many are left now'],
    [header('X-RateLimit-Reset'), 'when all of them are there again, in Unix seconds'],
    [header('RateLimit-Policy'), 'every limit by name, with its window'],
    [header('RateLimit'), 'what is left of each of them'],
    [header('Retry-After'), 'on refusals: seconds to wait'],
  ],
)}`,
      },
      {
        id: 'quotas',
        title: 'Quotas',
        body: html`<p>A quota counts the billable requests of a calendar month in UTC. Under a plan that refuses past it the answer is 402 <a href="/docs/errors#quota_exceeded">quota_exceeded</a> until the month is over or the plan is a larger one. Other plans serve on and charge what their <a href="/docs/plans">price</a> says.</p>
${table(
  ['Header', 'Says'],
  [
    [header('X-Quota-Limit'), 'billable requests of this month'],
    [header('X-Quota-Used'), 'how many are used, this one included'],
    [header('X-Quota-Remaining'), 'how many are left'],
    [header('X-Quota-Reset'), 'when the next month begins, in Unix seconds'],
  ],
)}`,
      },
      {
        id: 'wait-and-retry',
        title: 'Wait, then try again',
        body: html`<p>Wait as long as <code>Retry-After</code> says, and a little longer by chance, so that many programs do not come back at once.</p>
${code(
  'JavaScript',
  `async function call(url, options, attempts = 5) {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, options);
    if (answer.status !== 429 && answer.status !== 503) return answer;
    if (attempt === attempts) return answer;
    const seconds = Number(answer.headers.get("retry-after") ?? 2 ** attempt);
    await new Promise((go) => setTimeout(go, (seconds + Math.random()) * 1000));
  }
}

const answer = await call("${apiUrl}${examplePath}", {
  headers: { Authorization: "Bearer YOUR_KEY" },
});
console.log(answer.status, answer.headers.get("x-ratelimit-remaining"));`,
)}`,
      },
    ],
  }
}

/** Every error of the product, each under the anchor that error bodies link to. */
export function errorsPage(): DocsPage {
  const rows = Object.entries(errors).sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    path: '/docs/errors',
    title: 'Errors',
    lead: 'Every refusal has a status, a type that does not change, and a sentence for people.',
    sections: [
      {
        id: 'the-body',
        title: 'The body of an error',
        body: html`<p>Decide by <code>error.type</code>, show <code>error.message</code>, and quote <code>error.request_id</code> when you ask for help. <code>details</code> names the field or limit at fault where there is one.</p>
${code(
  'JSON',
  `{
  "success": false,
  "error": {
    "type": "validation_error",
    "code": "VALIDATION_ERROR",
    "message": "Email is required",
    "details": { "field": "email", "reason": "is required" },
    "request_id": "req_01m7y39wse",
    "docs_url": "/docs/errors#validation_error"
  }
}`,
)}`,
      },
      ...rows.map(([type, { status, title }]) => ({
        id: type,
        title: type,
        body: html`<p>${title}. <span class="quiet">Status ${status}, code ${type.toUpperCase()}.</span></p>`,
      })),
    ],
  }
}

/** Sending once, and reading long lists. */
export function requests({ baseUrl }: DocsFacts): DocsPage {
  return {
    path: '/docs/requests',
    title: 'Idempotency and pages',
    lead: 'How the account API keeps a repeated request from being done twice, and how long lists are read.',
    sections: [
      {
        id: 'idempotency',
        title: 'Idempotency',
        body: html`<p>Send an <code>Idempotency-Key</code> of your own with a <code>POST</code>: when the answer gets lost, send the same request again under the same key and get the first answer.</p>
${code(
  'sh',
  `curl -s "${baseUrl}/api/v1/keys" \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -H "Idempotency-Key: make-key-1" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "production"}'`,
)}
${table(
  ['Sent again', 'Answer'],
  [
    ['with the same body', 'the first answer'],
    ['with another body', html`422 <a href="/docs/errors#idempotency_mismatch">idempotency_mismatch</a>`],
    [
      'while the first is under way',
      html`409 <a href="/docs/errors#idempotency_conflict">idempotency_conflict</a>`,
    ],
  ],
)}`,
      },
      {
        id: 'pagination',
        title: 'Pagination',
        body: html`<p>Lists answer 20 records, or up to 100 with <code>limit</code>. <code>meta.next_cursor</code> leads to the next page; it is absent or null on the last one. A cursor is opaque: pass it on as it is.</p>
${code(
  'JavaScript',
  `async function* all(path, token) {
  let cursor;
  do {
    const address = new URL(path, "${baseUrl}");
    address.searchParams.set("limit", "100");
    if (cursor) address.searchParams.set("cursor", cursor);
    const answer = await fetch(address, { headers: { Authorization: \`Bearer \${token}\` } });
    const { data, meta } = await answer.json();
    yield* data;
    cursor = meta.next_cursor;
  } while (cursor);
}

for await (const key of all("/api/api_keys", "YOUR_TOKEN")) console.log(key.name);`,
)}`,
      },
      {
        id: 'filters',
        title: 'Filters and order',
        body: html`<p><code>?status=active</code> filters by a field, <code>?created_at[gte]=2026-01-01T00:00:00Z</code> compares (<code>gt</code>, <code>gte</code>, <code>lt</code>, <code>lte</code>, <code>ne</code>, <code>in</code>, <code>like</code>), <code>sort=-created_at</code> puts the newest first. <code>count=true</code> adds <code>meta.total</code>. A field that does not exist is refused, not passed over.</p>`,
      },
    ],
  }
}
