import { type Refusal, refuse } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import { twinMember } from '#domain/json-schema/twin-members.ts'
import type { BodyProblem, BodyRule } from '#ports/body-validator.ts'
import { codingOf, decodeWhole } from '../measure/content-coding.ts'
import type { RequestHead } from '../request-head.ts'
import { fieldValues } from '../wire/field-value.ts'

/** Most bytes of a body that is checked, coded or plain: reading it may not hold up other requests. */
export const mostCheckedBytes = 1024 * 1024

/** Why a request is refused before any of its body is read; undefined when the body has to tell. */
export function refusedUnread({ isRequired }: BodyRule, head: RequestHead): Refusal | undefined {
  if (isBodyless(head)) return isRequired ? missing() : undefined
  if (typeof head.body === 'number' && head.body > mostCheckedBytes) return tooLarge()
  const [type, ...moreTypes] = fieldValues(head.fields, 'content-type')
  if (type === undefined || moreTypes.length > 0 || !isJsonType(type))
    return wrongHead('Content-Type', 'must be application/json, in UTF-8')
  const [coding, ...moreCodings] = fieldValues(head.fields, 'content-encoding')
  if (moreCodings.length > 0 || codingOf(coding) === undefined)
    return wrongHead('Content-Encoding', 'must be gzip, br, deflate, zstd or none')
  return undefined
}

/** True where no body follows a head. */
export const isBodyless = ({ body }: RequestHead): boolean => body === 'none' || body === 0

/** Says why a whole body, as it was sent, is refused; undefined when it fits. Within this call where the body is not compressed. */
export function checkBody(
  rule: BodyRule,
  head: RequestHead,
  body: Buffer,
  then: (refusal: Refusal | undefined) => void,
): void {
  const [coding] = fieldValues(head.fields, 'content-encoding')
  decodeWhole(body, codingOf(coding) ?? 'identity', mostCheckedBytes, (plain) =>
    then(
      plain === undefined
        ? wrongHead(
            'Content-Encoding',
            `is not the body's, or the body is larger than ${mostCheckedBytes} bytes`,
          )
        : checkPlainBody(rule, plain),
    ),
  )
}

/** The same of a body that is not compressed. */
export function checkPlainBody(rule: BodyRule, plain: Buffer): Refusal | undefined {
  if (plain.length === 0) return rule.isRequired ? missing() : undefined
  const compiled = rule.validator()
  if (!compiled.ok) return refuse('internal_error', 'The route has to be mended by its operator')
  const text = textOf(plain)
  let value: unknown
  try {
    if (text !== undefined) value = JSON.parse(text) as unknown
  } catch {
    value = undefined
  }
  if (text === undefined || value === undefined)
    return refuseBody([{ pointer: '', reason: 'is not JSON in UTF-8' }])
  const twin = twinMember(text)
  if (twin !== undefined)
    return refuseBody([{ pointer: '', reason: `holds the member "${shortened(twin)}" twice in one object` }])
  const problems = compiled.validate(value)
  return problems.length === 0 ? undefined : refuseBody(problems)
}

const longestReason = 300

// A byte order mark is no JSON (RFC 8259 section 8.1): it stays, and is refused.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(plain: Buffer): string | undefined {
  try {
    return utf8.decode(plain)
  } catch {
    return undefined
  }
}

const jsonType = /^application\/([a-z0-9!#$&^_.+-]+\+)?json[ \t]*(;|$)/i
const charset = /;[ \t]*charset[ \t]*=[ \t]*"?([^";,\s]*)/gi

// A server that obeys another charset would read another body than the one that was checked.
const isJsonType = (type: string): boolean =>
  jsonType.test(type) && [...type.matchAll(charset)].every((match) => match[1]?.toLowerCase() === 'utf-8')

const missing = (): Refusal => refuseBody([{ pointer: '', reason: 'is required' }])

const tooLarge = (): Refusal =>
  refuse('payload_too_large', `The body is larger than ${mostCheckedBytes} bytes, the most that is checked`)

const wrongHead = (field: string, reason: string): Refusal =>
  refuse('validation_error', `${field} ${reason}`, { field, reason, errors: [{ field, reason }] })

/** Names the places in the body as JSON pointers in a fragment: `#/items/0/name`. */
function refuseBody(problems: readonly BodyProblem[]): Refusal {
  const errors = problems.map(({ pointer, reason }) => ({
    field: `#${shortened(pointer)}`,
    reason: reason.slice(0, longestReason),
  }))
  const [first = { field: '#', reason: 'is not valid' }] = errors
  const more = errors.length > 1 ? ` (${errors.length - 1} more problems)` : ''
  const where = first.field === '#' ? 'The body' : first.field
  return refuse('validation_error', `${where} ${first.reason}${more}`, { ...first, errors })
}
