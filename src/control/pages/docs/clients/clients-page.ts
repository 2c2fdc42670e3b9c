import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { html } from '../../markup.ts'
import { code } from '../../site-page.ts'
import type { DocsFacts, DocsPage } from '../docs-page.ts'
import { camelCase } from './javascript.ts'
import { type ClientOperation, clientOperations } from './operations.ts'

/** Clients to take along: made from what is published, so that they know its operations. */
export function clientsPage(facts: DocsFacts, document: JsonObject): DocsPage {
  const { baseUrl } = facts
  const id = exampleOf(facts, clientOperations(document))?.id
  return {
    path: '/docs/clients',
    title: 'Client libraries',
    lead: 'One file for your program, made from the operations that are published here: it waits when you are too fast, and raises refusals as errors.',
    sections: [
      {
        id: 'javascript',
        title: 'JavaScript',
        body: html`<p>For Node 20 and later, Deno and Bun. It has no dependencies: keep the file with your code.</p>
${code('sh', `curl -s "${baseUrl}/docs/client.mjs" -o client.mjs`)}
${code(
  'JavaScript',
  `import { ApiError, Client } from "./client.mjs";

const client = new Client({ key: "YOUR_KEY" });
try {
  const answer = await client.${id === undefined ? 'request("GET", "/")' : `${camelCase(id)}()`};
  console.log(answer.status, answer.data);
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.error(error.type, error.message, error.requestId);
}`,
)}`,
      },
      {
        id: 'python',
        title: 'Python',
        body: html`<p>For Python 3.9 and later, without dependencies.</p>
${code('sh', `curl -s "${baseUrl}/docs/client.py" -o client.py`)}
${code(
  'Python',
  `from client import ApiError, Client

client = Client("YOUR_KEY")
try:
    answer = client.${id === undefined ? 'request("GET", "/")' : `${id}()`}
    print(answer.status, answer.data)
except ApiError as error:
    print(error.type, error, error.request_id)`,
)}`,
      },
      {
        id: 'what-operations-take',
        title: 'What operations take',
        body: html`<p>Every operation of the <a href="/docs/api">API reference</a> is a method. It takes <code>path</code> (what stands in braces in its address), <code>query</code>, <code>body</code> (sent as JSON unless it is text or bytes) and <code>headers</code>.</p>
<p>A request that comes too early (429) is sent again after the time that <code>Retry-After</code> says, up to a minute; so is one that finds the service busy (503), unless it could do something twice. Any other refusal is an <code>ApiError</code> with <code>status</code>, <code>type</code>, <code>details</code> and the id of the request.</p>`,
      },
      {
        id: 'other-languages',
        title: 'Other languages',
        body: html`<p>The document <a href="/docs/openapi.json">openapi.json</a> (OpenAPI 3.1) holds the same operations; generators for most languages read it. The one of your account's own API is <a href="/docs/platform.json">platform.json</a>.</p>`,
      },
    ],
  }
}

/** The operation that examples call: the one of the quickstart where there is one. */
const exampleOf = (
  { examplePath }: DocsFacts,
  operations: readonly ClientOperation[],
): ClientOperation | undefined =>
  operations.find(({ method, address }) => method === 'GET' && address === examplePath) ??
  operations.find(({ method, address }) => method === 'GET' && !address.includes('{'))
