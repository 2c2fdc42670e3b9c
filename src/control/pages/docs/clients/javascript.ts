import { type ClientOperation, literal, oneLine } from './operations.ts'

/** A module for Node, Deno, Bun and servers alike, without dependencies: one method for each operation. */
export function javascriptClient(name: string, url: string, operations: readonly ClientOperation[]): string {
  return `// ${oneLine(name)}: a client for ${url}, made from what is published there. Fetch it again when that changes.

/** What the API refused: decide by \`type\`, show \`message\`, quote \`requestId\`. */
export class ApiError extends Error {
  constructor(status, headers, body) {
    const error = body?.error ?? {};
    super(error.message ?? \`The API answered \${status}\`);
    this.name = "ApiError";
    this.status = status;
    this.type = error.type ?? "unknown";
    this.details = error.details ?? {};
    this.requestId = headers.get("x-request-id");
  }
}

const longestWaitSeconds = 60;
const repeatable = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const wait = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

function segment(value) {
  if (value === "." || value === "..") throw new TypeError(\`"\${value}" cannot stand in a path\`);
  return encodeURIComponent(value);
}

function fill(address, path) {
  return address.replace(/\\{(\\+?)(\\w+)\\}/g, (_, plus, name) => {
    if (path[name] === undefined) throw new TypeError(\`path.\${name} is missing\`);
    const value = String(path[name]);
    return plus === "" ? segment(value) : value.split("/").map(segment).join("/");
  });
}

export class Client {
  #key;
  #url;
  #timeoutMs;
  #attempts;

  /** A request ends after \`timeoutMs\`; one that comes too early is sent again, \`attempts\` times in all. */
  constructor({ key, url = ${literal(url)}, timeoutMs = 30_000, attempts = 4 }) {
    this.#key = key;
    this.#url = url.replace(/\\/+$/, "");
    this.#timeoutMs = timeoutMs;
    this.#attempts = attempts;
  }

  /** Sends any request; throws an ApiError for whatever is not a success. */
  async request(method, address, { path = {}, query = {}, body, headers = {}, signal } = {}) {
    const filled = fill(address, path);
    const url = new URL(filled.startsWith("http") ? filled : this.#url + filled);
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) if (one != null) url.searchParams.append(name, one);
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url, {
        method,
        headers: {
          authorization: \`Bearer \${this.#key}\`,
          ...(isRaw ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: isRaw ? body : JSON.stringify(body),
        signal: AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), ...(signal ? [signal] : [])]),
      });
      const isEarly = answer.status === 429 || (answer.status === 503 && repeatable.has(method));
      const seconds = Number(answer.headers.get("retry-after") ?? 2 ** attempt);
      if (isEarly && attempt < this.#attempts && seconds <= longestWaitSeconds) {
        await answer.body?.cancel();
        await wait(seconds * (1 + Math.random() / 4));
        continue;
      }
      const text = await answer.text();
      const isJson = /\\bjson\\b/.test(answer.headers.get("content-type") ?? "");
      const data = isJson && text !== "" ? JSON.parse(text) : text;
      if (!answer.ok) throw new ApiError(answer.status, answer.headers, data);
      return { status: answer.status, headers: answer.headers, data };
    }
  }
${operations.map(method).join('')}}
`
}

const method = ({ id, method: verb, address, summary }: ClientOperation): string => `
  /** ${summary} */
  ${camelCase(id)}(options) {
    return this.request(${literal(verb)}, ${literal(address)}, options);
  }
`

/** \`get_forecast\` as JavaScript names it. */
export const camelCase = (id: string): string =>
  id.replaceAll(/_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('_', '')
