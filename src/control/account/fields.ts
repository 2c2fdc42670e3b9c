import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { readBody } from '#core/channel/http/read-body.ts'

/** What a text in a body has to be. */
export interface FieldRule {
  readonly least?: number
  readonly most: number
  readonly isOptional?: true
  /** An e-mail address: one `@`, no space, something on both sides. */
  readonly isEmail?: true
  /** Passwords may hold any character; everything else is one line that shows. */
  readonly isPassword?: true
}

const emailForm = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const control = /[\p{Cc}\u2028\u2029]/u

/** The rules that several bodies share. */
export const emailField: FieldRule = { most: 320, isEmail: true }
/** A password that is being chosen. */
export const newPasswordField: FieldRule = { least: 8, most: 1_000, isPassword: true }
/** A password that is being checked. */
export const passwordField: FieldRule = { most: 1_000, isPassword: true }

/** A token from a mail. */
export const tokenField: FieldRule = { most: 200 }

/** Takes the texts of a JSON body in; every problem is told at once, and nothing else is let in. */
export async function readFields<Name extends string>(
  request: Request,
  rules: Readonly<Record<Name, FieldRule>>,
): Promise<Outcome<Readonly<Record<Name, string>>>> {
  const body = await readBody(request)
  if (!body.ok) return body
  const unknown = Object.keys(body.value).filter((field) => !Object.hasOwn(rules, field))
  const problems: FieldProblem[] = unknown.map((field) => ({ field, reason: 'is not a known field' }))
  const values: Record<string, string> = {}
  for (const [field, rule] of Object.entries<FieldRule>(rules)) {
    const value = body.value[field] ?? ''
    const reason = typeof value === 'string' ? reasonAgainst(value, rule) : 'must be a text'
    if (reason !== undefined) problems.push({ field, reason })
    else values[field] = String(value)
  }
  return problems.length > 0 ? refuseFields(problems) : accept(values as Record<Name, string>)
}

function reasonAgainst(value: string, rule: FieldRule): string | undefined {
  const isEmpty = rule.isPassword ? value === '' : value.trim() === ''
  if (isEmpty) return rule.isOptional ? undefined : 'is required'
  if (value.length > rule.most) return 'is too long'
  if (value.length < (rule.least ?? 0)) return `must have at least ${rule.least} characters`
  if (!rule.isPassword && control.test(value)) return 'must be one line without control characters'
  if (rule.isEmail && !emailForm.test(value.trim())) return 'must be an e-mail address'
  return undefined
}
