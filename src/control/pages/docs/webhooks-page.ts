import { html } from '../markup.ts'
import { code, codes } from '../site-page.ts'
import { type DocsFacts, type DocsPage, table } from './docs-page.ts'

const receiver = `import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { env } from "node:process";
import { buffer } from "node:stream/consumers";

const secret = env.WEBHOOK_SECRET; // begins with whsec_

// The signature is over the exact bytes: check it before anything parses them.
function isGenuine(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": sent, "webhook-signature": signatures } = headers;
  if (Math.abs(Date.now() / 1000 - Number(sent)) > 300) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(\`\${id}.\${sent}.\`).update(body).digest();
  return String(signatures)
    .split(" ")
    .map((one) => Buffer.from(one.replace("v1,", ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

createServer(async (request, response) => {
  const body = await buffer(request);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const { id, type, data } = JSON.parse(body);
  console.log(id, type, data.id);
  response.writeHead(204).end();
}).listen(env.PORT ?? 3000);`

const python = `import base64, hashlib, hmac, time

def is_genuine(headers, body: bytes, secret: str) -> bool:
    sent = headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{sent}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(expected, one) for one in given)`

/** What is sent when something happens, and how to see that it is genuine. */
export function webhooks({ baseUrl }: DocsFacts): DocsPage {
  return {
    path: '/docs/webhooks',
    title: 'Webhooks',
    lead: 'An address of yours is told what happens to your organization: a key was revoked, a subscription changed.',
    sections: [
      {
        id: 'add-an-endpoint',
        title: 'Add an endpoint',
        body: html`<p>Owners and admins add endpoints; receivers are public https addresses. The secret in the answer is shown this once.</p>
${code(
  'sh',
  `curl -s "${baseUrl}/api/webhook_endpoints" \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"url": "https://example.com/hooks", "events": ["api_key.*", "subscription.*"]}'`,
)}`,
      },
      {
        id: 'verify',
        title: 'Verify what arrives',
        body: html`<p>Messages are signed as <a href="https://www.standardwebhooks.com" rel="noreferrer">Standard Webhooks</a> has it: <code>webhook-signature</code> is <code>v1,</code> and the base64 of HMAC-SHA-256 over <code>id.timestamp.body</code>. While a secret is replaced there are two, parted by a blank.</p>
${codes([
  ['JavaScript', receiver],
  ['Python', python],
])}`,
      },
      {
        id: 'what-is-sent',
        title: 'What is sent',
        body: html`${code(
          'JSON',
          `{
  "id": "evt_01m7y39wse",
  "type": "api_key.revoked",
  "timestamp": "2026-01-31T12:00:00.000Z",
  "data": { "id": "key_01m7y39ws", "name": "shop", "revoked_at": "2026-01-31T12:00:00.000Z" }
}`,
        )}
<p>Events of one record come in order. An event is sent at least once and may come twice: keep the ids that you have worked on.</p>`,
      },
      {
        id: 'retries',
        title: 'Retries',
        body: html`<p>Any answer from 200 to 299 within 10 seconds has taken the event; redirects are not followed. Otherwise it is sent again, with growing waits:</p>
${table(
  ['Attempt', 'After'],
  [
    ['2', '5 seconds'],
    ['3', '5 minutes'],
    ['4', '30 minutes'],
    ['5', '2 hours'],
  ],
)}
<p>Answer 410 to be disabled at once. An endpoint that takes nothing for days is disabled, and you get a mail. What was missed can be sent again with <code>POST /api/webhook_endpoints/{id}/replay</code>.</p>`,
      },
    ],
  }
}
