import type { FieldProblem } from '#contract/outcome.ts'
import { tokenUsageFields } from './token-usage.ts'

/** How the units of a call are found. */
export type MeteringMode = 'request' | 'response_field' | 'bytes' | 'custom'

/** The metering fields of a route. */
export interface MeteringFields {
  readonly mode: MeteringMode
  readonly expression: string
  /** Units of a call that cannot be measured. */
  readonly fallbackUnits: number
  /** The most that one call can cost; null where it was not given. */
  readonly maxUnits: number | null
}

/** How a route's calls are measured, ready to be used. */
export interface MeteringPlan<P> {
  readonly mode: MeteringMode
  /** Units of every call, where they do not depend on the call; then nothing has to be looked at. */
  readonly fixedUnits: number | null
  /** null where the units are fixed. */
  readonly program: P | null
  /** The field that is counted, where the expression is just that: in a stream its last appearance counts. */
  readonly fieldPath: readonly string[] | null
  /** The answer's body has to be watched. */
  readonly needsBody: boolean
  readonly fallbackUnits: number
  /** What admission holds before the call; no call is billed more. */
  readonly worstCaseUnits: number
}

/** A plan, or every problem with its field. */
export type PlannedMetering<P> =
  | { readonly ok: true; readonly plan: MeteringPlan<P> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** What a plan has to know of a compiled expression. */
interface MeteringProgram {
  readonly variables: ReadonlySet<string>
}

type Compile<P> = (
  source: string,
) => { readonly ok: true; readonly program: P } | { readonly ok: false; readonly reason: string }

/** Checks and compiles the metering fields of a route. */
export function planMetering<P extends MeteringProgram>(
  fields: MeteringFields,
  compile: Compile<P>,
): PlannedMetering<P> {
  const { mode, fallbackUnits, maxUnits } = fields
  const written = fields.expression.trim()
  const problems: FieldProblem[] = []
  const fixedUnits = mode === 'request' && /^\d{1,12}$/.test(written) ? Number(written) : null
  let program: P | null = null
  let fieldPath: readonly string[] | null = null
  if (fixedUnits === null) {
    const meant = meaningOf(mode, written)
    if (meant.ok) {
      fieldPath = meant.fieldPath
      const compiled = compile(meant.source)
      if (compiled.ok) program = compiled.program
      else problems.push({ field: 'metering_expr', reason: compiled.reason })
    } else problems.push({ field: 'metering_expr', reason: meant.reason })
  }
  const needsBody = program !== null && (program.variables.has('body') || program.variables.has('usage'))
  if (needsBody && (mode === 'request' || mode === 'bytes'))
    problems.push({
      field: 'metering_expr',
      reason: `reads the answer, which metering_mode ${mode} does not look at; use custom`,
    })
  problems.push(...boundProblems(mode, fixedUnits, fallbackUnits, maxUnits))
  if (problems.length > 0) return { ok: false, problems }
  const worstCaseUnits = maxUnits ?? fixedUnits ?? fallbackUnits
  return {
    ok: true,
    plan: { mode, fixedUnits, program, fieldPath, needsBody, fallbackUnits, worstCaseUnits },
  }
}

function boundProblems(
  mode: MeteringMode,
  fixedUnits: number | null,
  fallbackUnits: number,
  maxUnits: number | null,
): FieldProblem[] {
  if (maxUnits === null)
    return fixedUnits !== null
      ? []
      : [
          {
            field: 'metering_max',
            reason: `is required, because metering_mode ${mode} does not know beforehand what a call costs`,
          },
        ]
  if (fixedUnits !== null && maxUnits < fixedUnits)
    return [{ field: 'metering_max', reason: `is less than metering_expr, which is ${fixedUnits}` }]
  if (fixedUnits === null && fallbackUnits > maxUnits)
    return [{ field: 'metering_fallback', reason: 'is more than metering_max' }]
  return []
}

type Meaning =
  | { readonly ok: true; readonly source: string; readonly fieldPath: readonly string[] | null }
  | { readonly ok: false; readonly reason: string }

const defaultExpression = '1'
const path = /^[A-Za-z_$][\w$-]*(\.[\w$-]+|\[\d+\])*$/

/** What an expression stands for: the default of a mode, the path of a field, or CEL. */
function meaningOf(mode: MeteringMode, written: string): Meaning {
  const cel = (source: string): Meaning => ({ ok: true, source, fieldPath: null })
  if (mode === 'bytes') return cel(written === defaultExpression ? 'response_bytes' : written)
  if (mode !== 'response_field') return cel(written)
  if (written === defaultExpression || written === '')
    return { ok: false, reason: 'must name the field that is counted, for example usage.total_tokens' }
  if (!path.test(written) || /^body\b/.test(written)) return cel(written)
  const steps = written.replaceAll(/\[(\d+)\]/g, '.$1').split('.')
  if (steps.length === 2 && steps[0] === 'usage' && isUsageField(steps[1])) return cel(written)
  const source = `body${steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `["${step}"]`)).join('')}`
  return { ok: true, source, fieldPath: steps }
}

const isUsageField = (name: string | undefined): boolean => tokenUsageFields.some((field) => field === name)
