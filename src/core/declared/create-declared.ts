import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal } from '#contract/outcome.ts'
import type { Engine } from '../engine.ts'
import { type Change, compareFile, type PlannedChange } from './compare.ts'
import { type DumpChoice, dumpFile } from './dump.ts'
import { readExisting } from './existing.ts'
import { createKinds, type KindRule } from './kind.ts'
import { readDeclaredFile } from './read-file.ts'

/** One file to bring an instance to. */
export interface DeclaredRequest {
  /** YAML or JSON. */
  readonly text: string
  /** What `${NAME}` in the file stands for; nothing else is put in its place. */
  readonly values: Readonly<Record<string, string>>
  /** Takes away what the file does not have, of the kinds that it has. */
  readonly isPruning: boolean
  readonly actor: Actor
  readonly requestId: string
}

/** What is, or was, different; plain data, ready for JSON. */
export interface DeclaredReport {
  readonly applied: boolean
  readonly changes: readonly Change[]
  readonly counts: Readonly<Record<Change['change'], number>>
}

/** Configuration as a file. */
export interface Declared {
  /** Tries everything in a transaction that is taken back: what it reports would be done, or it is refused as it would be. */
  plan(request: DeclaredRequest): Promise<Outcome<DeclaredReport>>
  /** Does all of it in one transaction, or nothing. */
  apply(request: DeclaredRequest): Promise<Outcome<DeclaredReport>>
  dump(choice: DumpChoice): Promise<string>
}

/** Ends a transaction that was only a trial; never leaves this file. */
class Trial extends Error {}

/** Reads, compares and writes configuration files over an engine. */
export function createDeclared(engine: Engine, rules: readonly KindRule[]): Declared {
  const kinds = createKinds(rules, engine.modules)
  const run = async (request: DeclaredRequest, isTrial: boolean): Promise<Outcome<DeclaredReport>> => {
    const file = await readDeclaredFile(request.text, kinds, request.values)
    if (!file.ok) return file
    const changes = await compareFile(file.value, readExisting(engine), request.isPruning)
    if (!changes.ok) return changes
    const refusal = await write(engine, request, changes.value, isTrial)
    return refusal ?? accept(reportOf(changes.value, !isTrial))
  }
  return {
    plan: (request) => run(request, true),
    apply: (request) => run(request, false),
    dump: (choice) => dumpFile(kinds, readExisting(engine), choice),
  }
}

async function write(
  engine: Engine,
  { actor, requestId }: DeclaredRequest,
  changes: readonly PlannedChange[],
  isTrial: boolean,
): Promise<Refusal | undefined> {
  if (changes.length === 0) return undefined
  const calls = changes.map(({ call }) => ({ ...call, actor, requestId }))
  const takeBack = async (): Promise<void> => {
    throw new Trial()
  }
  try {
    const outcome = await engine.invokeAll(
      isTrial
        ? calls.map((call, index) => (index === 0 ? { ...call, beforeCommit: takeBack } : call))
        : calls,
    )
    return outcome.ok ? undefined : named(outcome, changes)
  } catch (error) {
    if (error instanceof Trial) return undefined
    throw error
  }
}

/** The refusal of one write, in words that say whose it was and where in the file. */
function named(refusal: Refusal, changes: readonly PlannedChange[]): Refusal {
  const { call = 0, ...details } = refusal.details ?? {}
  const change = typeof call === 'number' ? changes[call] : undefined
  if (change === undefined) return refusal
  const at = `${change.kind} ${change.name}`
  const where = change.line === undefined ? {} : { line: change.line }
  return { ...refusal, message: `${at}: ${refusal.message}`, details: { ...details, at, ...where } }
}

function reportOf(changes: readonly PlannedChange[], isApplied: boolean): DeclaredReport {
  const counts = { create: 0, update: 0, delete: 0 }
  for (const { change } of changes) counts[change] += 1
  return {
    applied: isApplied,
    changes: changes.map(({ change, kind, name, fields }) => ({ change, kind, name, fields })),
    counts,
  }
}
