import { type ClientOperation, literal, oneLine } from './operations.ts'

/** A module for Python 3.9 and later, without dependencies: one method for each operation. */
export function pythonClient(name: string, url: string, operations: readonly ClientOperation[]): string {
  return `# ${oneLine(name)}: a client for ${url}, made from what is published there. Fetch it again when that changes.
import json
import random
import re
import time
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

LONGEST_WAIT_SECONDS = 60
REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


class ApiError(Exception):
    """What the API refused: decide by type, show the message, quote request_id."""

    def __init__(self, status, headers, body):
        error = body.get("error", {}) if isinstance(body, dict) else {}
        super().__init__(error.get("message", f"The API answered {status}"))
        self.status = status
        self.type = error.get("type", "unknown")
        self.details = error.get("details", {})
        self.request_id = headers.get("x-request-id")


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data


class _Stay(HTTPRedirectHandler):
    """A key goes to no other host than the one it was meant for."""

    def redirect_request(self, *_):
        return None


def _segment(value):
    if value in (".", ".."):
        raise ValueError(f'"{value}" cannot stand in a path')
    return quote(value, safe="")


def _fill(address, path):
    def one(match):
        value = str(path[match[2]])
        return "/".join(map(_segment, value.split("/"))) if match[1] else _segment(value)

    return re.sub(r"\\{(\\+?)(\\w+)\\}", one, address)


def _read(answer):
    text = answer.read().decode("utf-8", "replace")
    is_json = "json" in (answer.headers.get("content-type") or "")
    return json.loads(text) if is_json and text else text


class Client:
    def __init__(self, key, url=${literal(url)}, timeout=30, attempts=4):
        self._key, self._url, self._timeout, self._attempts = key, url.rstrip("/"), timeout, attempts
        self._opener = build_opener(_Stay)

    def request(self, method, address, path={}, query={}, body=None, headers={}):
        """Sends any request; raises an ApiError for whatever is not a success."""
        filled = _fill(address, path)
        url = filled if filled.startswith("http") else self._url + filled
        if query:
            url += "?" + urlencode(query, doseq=True)
        sent = {"Authorization": f"Bearer {self._key}", **headers}
        data = body.encode() if isinstance(body, str) else body
        if data is not None and not isinstance(data, bytes):
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        for attempt in range(1, self._attempts + 1):
            request = Request(url, data=data, headers=sent, method=method)
            try:
                with self._opener.open(request, timeout=self._timeout) as answer:
                    return Answer(answer.status, answer.headers, _read(answer))
            except HTTPError as refusal:
                with refusal:
                    said = refusal.headers.get("retry-after") or str(2**attempt)
                    seconds = int(said) if said.isdigit() else LONGEST_WAIT_SECONDS + 1
                    is_early = refusal.code == 429 or (refusal.code == 503 and method in REPEATABLE)
                    is_last = attempt == self._attempts or seconds > LONGEST_WAIT_SECONDS
                    if not is_early or is_last:
                        raise ApiError(refusal.code, refusal.headers, _read(refusal)) from None
                time.sleep(seconds * (1 + random.random() / 4))
${operations.map(method).join('')}`
}

const method = ({ id, method: verb, address, summary }: ClientOperation): string => `
    def ${id}(self, **options):
        # ${summary}
        return self.request(${literal(verb)}, ${literal(address)}, **options)
`
