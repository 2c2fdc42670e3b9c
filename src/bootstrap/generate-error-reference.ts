import { type ErrorCode, errors } from '#contract/errors.ts'

/** `docs/errors.md`: every row of the error table, by status. */
export function generateErrorReference(): string {
  const rows = (Object.keys(errors) as ErrorCode[])
    .toSorted((a, b) => errors[a].status - errors[b].status || a.localeCompare(b))
    .map((code) => `| ${errors[code].status} | \`${code}\` | ${errors[code].title} |`)
  return `# Errors

<!-- Made by \`npm run gen\` from src/contract/errors.ts. Do not edit. -->

Every answer that is not a success has this body, at the gateway and in the control plane:

\`\`\`json
{
  "success": false,
  "error": {
    "type": "validation_error",
    "code": "VALIDATION_ERROR",
    "message": "email is required",
    "details": { "field": "email", "reason": "is required" },
    "request_id": "req_01m7xr9hhjgygvpags8pbsqt96",
    "docs_url": "/docs/errors#validation_error"
  }
}
\`\`\`

\`code\` is \`type\` in capitals. \`details\` is there where it helps; several wrong fields are all in \`details.errors\`. Tell us the \`request_id\` when you ask about one.

| status | type | meaning |
|---:|---|---|
${rows.join('\n')}
`
}
