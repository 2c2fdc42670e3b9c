import { randomUUID } from 'node:crypto'
import { systemActor } from '#contract/actor.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Engine } from '#core/engine.ts'
import type { Row } from '#ports/records.ts'

/** Everything a new instance is asked for. Amounts are minor units of the currency; -1 is unlimited. */
export interface InitAnswers {
  readonly adminEmail: string
  readonly adminPassword: string
  readonly upstreamName: string
  readonly upstreamUrl: string
  readonly routeName: string
  readonly routePath: string
  readonly planName: string
  readonly planRateLimit: number
  readonly planRequests: number
  readonly planPrice: number
  readonly planCurrency: string
}

/** What stands where nothing else is said; there is no default for the person and the upstream. */
export const initDefaults = {
  upstreamName: 'main',
  routeName: 'main',
  routePath: '/*',
  planName: 'basic',
  planRateLimit: 60,
  planRequests: 10_000,
  planPrice: 1000,
  planCurrency: 'USD',
} as const satisfies Partial<InitAnswers>

/** One record that was asked for: made now, or there already and left alone. */
export interface InitStep {
  readonly module: string
  readonly label: string
  readonly id: string
  readonly isNew: boolean
  /** Of a record that was there: the fields that differ from the answers. */
  readonly differences: readonly string[]
}

/** Whether an upstream answers; the sentence says how. */
export interface Reachability {
  readonly isReachable: boolean
  readonly message: string
}

type Rule = readonly [field: keyof InitAnswers, isRight: (answers: InitAnswers) => boolean, reason: string]

const rules: readonly Rule[] = [
  [
    'adminEmail',
    ({ adminEmail }) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(adminEmail),
    'must be an e-mail address',
  ],
  ['adminPassword', ({ adminPassword }) => adminPassword.length >= 8, 'must have at least 8 characters'],
  ['upstreamName', ({ upstreamName }) => upstreamName.trim() !== '', 'is missing'],
  [
    'upstreamUrl',
    ({ upstreamUrl }) => isHttpUrl(upstreamUrl),
    'must be an address such as https://api.example.com',
  ],
  ['routeName', ({ routeName }) => routeName.trim() !== '', 'is missing'],
  [
    'routePath',
    ({ routePath }) => routePath.startsWith('/'),
    'must start with /, for example /* or /weather/*',
  ],
  ['planName', ({ planName }) => planName.trim() !== '', 'is missing'],
  [
    'planRateLimit',
    ({ planRateLimit }) => isCount(planRateLimit),
    'must be a whole number, or -1 for unlimited',
  ],
  [
    'planRequests',
    ({ planRequests }) => isCount(planRequests),
    'must be a whole number, or -1 for unlimited',
  ],
  [
    'planPrice',
    ({ planPrice }) => isCount(planPrice) && planPrice >= 0,
    'must be a whole number of minor units',
  ],
  ['planCurrency', ({ planCurrency }) => /^[A-Z]{3}$/.test(planCurrency), 'must be a currency such as USD'],
]

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= -1

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

/** What is wrong with the answers, all of it; empty when they can be applied. */
export function checkAnswers(answers: InitAnswers): readonly FieldProblem[] {
  return rules.filter(([, isRight]) => !isRight(answers)).map(([field, , reason]) => ({ field, reason }))
}

/** Asks an upstream for anything; every HTTP answer counts, whatever its status. */
export async function testUpstream(url: string, timeoutMs: number): Promise<Reachability> {
  try {
    const response = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { isReachable: true, message: `${url} answers (status ${response.status})` }
  } catch (error) {
    return { isReachable: false, message: `${url} cannot be reached: ${reasonOf(error, timeoutMs)}` }
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} seconds`
  const cause = error.cause as NodeJS.ErrnoException | undefined
  return cause?.message || cause?.code || error.message
}

/**
 * Makes the first plan, upstream, route and operator. Records of the same name stay as they are, so that a second run changes
 * nothing. When one is refused, those that this run made are taken back.
 */
export async function applyAnswers(
  engine: Engine,
  answers: InitAnswers,
): Promise<Outcome<readonly InitStep[]>> {
  const problems = checkAnswers(answers)
  if (problems.length > 0) return refuseFields(problems)
  const steps: InitStep[] = []
  // The operator comes last: an instance does not give its last superadmin away again.
  for (const wanted of wantedRecords(answers)) {
    const upstreamId = steps.find((step) => step.module === 'upstream')?.id
    const step = await ensureRecord(engine, wanted, wanted.input(upstreamId ?? ''))
    if (!step.ok) {
      await takeBack(engine, steps)
      return step
    }
    steps.push(step.value)
  }
  return accept(steps)
}

interface WantedRecord {
  readonly module: string
  readonly label: string
  readonly lookup: string
  input(upstreamId: string): Readonly<Record<string, unknown>>
}

function wantedRecords(answers: InitAnswers): readonly WantedRecord[] {
  const email = answers.adminEmail.trim().toLowerCase()
  return [
    {
      module: 'plan',
      label: `plan "${answers.planName}"`,
      lookup: answers.planName,
      input: () => ({
        name: answers.planName,
        rate_limit_per_minute: answers.planRateLimit,
        requests_per_month: answers.planRequests,
        price_monthly: answers.planPrice,
        currency: answers.planCurrency,
      }),
    },
    {
      module: 'upstream',
      label: `upstream "${answers.upstreamName}"`,
      lookup: answers.upstreamName,
      input: () => ({ name: answers.upstreamName, base_url: answers.upstreamUrl }),
    },
    {
      module: 'route',
      label: `route "${answers.routeName}"`,
      lookup: answers.routeName,
      input: (upstreamId) => ({
        name: answers.routeName,
        path_pattern: answers.routePath,
        upstream_id: upstreamId,
      }),
    },
    {
      module: 'operator',
      label: `operator ${email}`,
      lookup: email,
      input: () => ({ email, password: answers.adminPassword, role: 'superadmin' }),
    },
  ]
}

async function ensureRecord(
  engine: Engine,
  wanted: WantedRecord,
  input: Readonly<Record<string, unknown>>,
): Promise<Outcome<InitStep>> {
  const { module, label, lookup } = wanted
  const found = await engine.get({ actor: systemActor, module, id: lookup })
  if (found.ok) {
    return accept({
      module,
      label,
      id: found.value.id,
      isNew: false,
      differences: differences(found.value, input),
    })
  }
  if (found.code !== 'not_found') return found
  const made = await engine.invoke({
    actor: systemActor,
    requestId: requestId(),
    module,
    action: 'create',
    input,
  })
  return made.ok ? accept({ module, label, id: made.value.row.id, isNew: true, differences: [] }) : made
}

/** Only what can be read back can be compared; a password cannot. */
function differences(row: Row, input: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(input).filter((name) => name in row && row[name] !== input[name])
}

async function takeBack(engine: Engine, steps: readonly InitStep[]): Promise<void> {
  for (const { module, id, isNew } of steps.toReversed()) {
    if (isNew)
      await engine.invoke({ actor: systemActor, requestId: requestId(), module, action: 'delete', id })
  }
}

const requestId = (): string => `req_${randomUUID()}`
