import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { TypeError as CelTypeError, ParseError } from '@marcbachmann/cel-js'
import type {
  CompiledExpression,
  ExpressionCompiler,
  ExpressionContexts,
  ExpressionKind,
  ExpressionResult,
  ExpressionYield,
  Program,
} from '#ports/expression.ts'
import { type Built, build, NotOffered } from './build.ts'
import { celLanguage } from './cel-language.ts'
import { finite, isNumber, toJson } from './values.ts'
import { type VariableTypes, variablesOf } from './variables.ts'
import { chargeText, ExpressionFailure, failure, mostWork, type Run, WorkExhausted } from './work.ts'

const longestSource = 4096
const rememberAtMost = 5_000

/** Compiles CEL: the library parses and type-checks it, and our own steps, which are counted, run it. */
export function createExpressionCompiler(): ExpressionCompiler {
  const languages: Readonly<Record<ExpressionKind, Environment>> = {
    metering: celLanguage('metering'),
    request: celLanguage('request'),
    response: celLanguage('response'),
  }
  const remembered = new Map<string, CompiledExpression<ExpressionKind>>()
  return {
    compile(source, kind, yields) {
      if (source.length > longestSource)
        return { ok: false, reason: `is longer than ${longestSource} characters` }
      const name = `${kind} ${yields} ${source}`
      let compiled = remembered.get(name)
      if (compiled === undefined) {
        compiled = compileOver<ExpressionContexts[ExpressionKind]>(
          languages[kind],
          variablesOf[kind],
          source,
          yields,
        )
        if (remembered.size >= rememberAtMost) remembered.clear()
        remembered.set(name, compiled)
      }
      return compiled as CompiledExpression<typeof kind>
    },
  }
}

/** A program over variables of any kind, or why the source is none. */
type CompiledOver<Context> =
  | { readonly ok: true; readonly program: RunnableProgram<Context> }
  | { readonly ok: false; readonly reason: string }

interface RunnableProgram<Context> extends Omit<Program<ExpressionKind>, 'run'> {
  run(context: Context): ExpressionResult
}

/** Compiles over variables of any kind; `misfit` says why a type of result is not the one that is wanted. */
export function compileOver<Context>(
  language: Environment,
  variables: VariableTypes,
  source: string,
  yields: ExpressionYield,
  misfit: (type: string) => string | undefined = (type) => wrongYield(type, yields),
): CompiledOver<Context> {
  let tree: ASTNode
  let built: Built
  try {
    const parsed = language.parse(source)
    const checked = parsed.check()
    if (checked.error !== undefined) throw checked.error
    const wrong = misfit(checked.type ?? 'dyn')
    if (wrong !== undefined) return { ok: false, reason: wrong }
    tree = parsed.ast
    built = build(tree, variables)
  } catch (error) {
    const problem = problemOf(error)
    if (problem === undefined) throw error
    return { ok: false, reason: `does not compile: ${placeOf(source, problem.start)}: ${problem.text}` }
  }
  return { ok: true, program: programOf(source, built, yields) }
}

const fitting: Readonly<Record<ExpressionYield, RegExp>> = {
  number: /^(int|double|dyn)$/,
  text: /^(int|double|dyn|string|bool)$/,
  json: /^(int|double|dyn|string|bool|null|list\b.*|map\b.*)$/,
}

function wrongYield(type: string, yields: ExpressionYield): string | undefined {
  if (fitting[yields].test(type)) return undefined
  const wanted = { number: 'a number', text: 'a text, number or boolean', json: 'JSON' }[yields]
  return `must yield ${wanted}, not ${type.replace('$', '')}`
}

function problemOf(error: unknown): { start: number; text: string } | undefined {
  if (error instanceof NotOffered) return { start: error.start, text: error.message }
  if (error instanceof ParseError || error instanceof CelTypeError)
    return { start: error.range?.start ?? 0, text: inWords(error.summary) }
  return undefined
}

const tokenNames: Readonly<Record<string, string>> = {
  COLON: ':',
  COMMA: ',',
  EOF: 'the end',
  IDENTIFIER: 'a name',
  NUMBER: 'a number',
  RBRACE: '}',
  RBRACKET: ']',
  RPAREN: ')',
  STRING: 'a text',
}

const inWords = (summary: string): string =>
  (summary.charAt(0).toLowerCase() + summary.slice(1)).replace(
    /\b[A-Z]{3,}\b/g,
    (name) => tokenNames[name] ?? name,
  )

function placeOf(source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

function programOf<Context>(source: string, built: Built, yields: ExpressionYield): RunnableProgram<Context> {
  const { step, variables, slotCount } = built
  const shape = shapes[yields]
  return {
    source,
    variables,
    usesBody: variables.has('body'),
    usesHeaders: variables.has('headers'),
    run(context): ExpressionResult {
      const run: Run = {
        context: context as unknown as Run['context'],
        slots: new Array(slotCount),
        workLeft: mostWork,
      }
      try {
        const value = step(run)
        run.workLeft = mostWork
        return { ok: true, value: shape(run, value) }
      } catch (error) {
        return { ok: false, reason: reasonOf(error) }
      }
    },
  }
}

const shapes: Readonly<Record<ExpressionYield, (run: Run, value: unknown) => unknown>> = {
  number(run, value) {
    if (!isNumber(value)) throw failure(run, 'the result is not a number')
    return finite(run, value)
  },
  text(run, value) {
    if (typeof value === 'string') {
      chargeText(run, value)
      return value
    }
    if (isNumber(value)) return String(finite(run, value))
    if (typeof value === 'boolean') return String(value)
    throw failure(run, 'the result is not a text, number or boolean')
  },
  json: toJson,
}

// A program never throws: what is neither of ours is the machine's (a stack or a string that grew too large).
function reasonOf(error: unknown): string {
  if (error instanceof ExpressionFailure || error instanceof WorkExhausted) return error.message
  return 'could not be evaluated'
}
