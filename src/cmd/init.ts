import type { Command } from 'commander'
import {
  applyAnswers,
  checkAnswers,
  type InitAnswers,
  type InitStep,
  initDefaults,
  testUpstream,
} from '#bootstrap/init.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, configOf, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'

const upstreamTimeoutMs = 5000

/** What is known before anybody is asked. */
export type GivenAnswers = { -readonly [Name in keyof InitAnswers]?: InitAnswers[Name] | undefined }

interface InitFlags extends InstanceFlags {
  readonly nonInteractive?: boolean
  readonly upstreamCheck: boolean
}

interface Question {
  readonly flag: string
  readonly env: string
  readonly help: string
  readonly isNumber?: boolean
}

const questions: Readonly<Record<keyof InitAnswers, Question>> = {
  adminEmail: {
    flag: 'admin-email',
    env: 'APIGATE_ADMIN_EMAIL',
    help: 'e-mail address of the first operator',
  },
  adminPassword: {
    flag: 'admin-password',
    env: 'APIGATE_ADMIN_PASSWORD',
    help: 'password of the first operator; - reads it from standard input',
  },
  upstreamName: { flag: 'upstream-name', env: 'APIGATE_UPSTREAM_NAME', help: 'name of the upstream' },
  upstreamUrl: {
    flag: 'upstream-url',
    env: 'APIGATE_UPSTREAM_URL',
    help: 'address of the API behind the gateway',
  },
  routeName: { flag: 'route-name', env: 'APIGATE_ROUTE_NAME', help: 'name of the first route' },
  routePath: { flag: 'route-path', env: 'APIGATE_ROUTE_PATH', help: 'paths that go to the upstream' },
  planName: { flag: 'plan-name', env: 'APIGATE_PLAN_NAME', help: 'name of the first plan' },
  planRateLimit: {
    flag: 'plan-rate-limit',
    env: 'APIGATE_PLAN_RATE_LIMIT',
    help: 'requests a minute, -1 is unlimited',
    isNumber: true,
  },
  planRequests: {
    flag: 'plan-requests',
    env: 'APIGATE_PLAN_REQUESTS',
    help: 'requests a month, -1 is unlimited',
    isNumber: true,
  },
  planPrice: {
    flag: 'plan-price',
    env: 'APIGATE_PLAN_PRICE',
    help: 'price a month in minor units',
    isNumber: true,
  },
  planCurrency: { flag: 'plan-currency', env: 'APIGATE_PLAN_CURRENCY', help: 'currency of the price' },
}

const names = Object.keys(questions) as (keyof InitAnswers)[]

/** Adds `init`. */
export function addInitCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('init')
    .description('Set up an instance: the first operator, upstream, route and plan')
  command.option('--non-interactive', 'ask nothing; everything comes from flags and environment')
  command.option('--no-upstream-check', 'do not try whether the upstream answers')
  for (const name of names) {
    const { flag, env, help } = questions[name]
    const fallback =
      name in initDefaults ? `; default: ${initDefaults[name as keyof typeof initDefaults]}` : ''
    command.option(`--${flag} <value>`, `${help} (env ${env}${fallback})`)
  }
  addInstanceFlags(command).action(async () => {
    const given = await givenAnswers(command.opts(), context)
    context.finish(await initialise(command.opts<InitFlags>(), given, context))
  })
}

async function initialise(flags: InitFlags, given: GivenAnswers, context: CommandContext): Promise<number> {
  const isInteractive = flags.nonInteractive !== true
  if (isInteractive && (process.stdin.isTTY !== true || process.stdout.isTTY !== true)) {
    throw new UsageError('init asks questions and nobody is here to answer: use --non-interactive with flags')
  }
  const asked = isInteractive
    ? await (await import('./init-prompts.ts')).askForAnswers({
        ...given,
        dataDirectory: flags.data ?? configOf(context, flags).dataDirectory,
      })
    : { answers: complete(given), dataDirectory: flags.data }
  if (asked === undefined) {
    context.say('nothing was changed')
    return exitCodes.refused
  }
  const problems = checkAnswers(asked.answers)
  const [problem] = problems
  if (problem !== undefined) {
    throw new UsageError(
      problems
        .map(({ field, reason }) => `--${questions[field as keyof InitAnswers].flag} ${reason}`)
        .join('; '),
    )
  }
  if (!isInteractive && flags.upstreamCheck) {
    context.terminal.note(`trying ${asked.answers.upstreamUrl} ...\n`)
    const { isReachable, message } = await testUpstream(asked.answers.upstreamUrl, upstreamTimeoutMs)
    if (!isReachable) {
      context.terminal.note(`error: ${message} (--no-upstream-check goes on without)\n`)
      return exitCodes.refused
    }
    context.say(message)
  }
  const data = asked.dataDirectory
  return apply({ ...flags, ...(data === undefined ? {} : { data }) }, asked.answers, context)
}

async function apply(flags: InitFlags, answers: InitAnswers, context: CommandContext): Promise<number> {
  const house = await openInstance(context, flags)
  try {
    const outcome = await applyAnswers(house.engine, answers)
    if (!outcome.ok) return refused(outcome, context.terminal)
    for (const step of outcome.value) context.say(stepText(step))
    context.say(`\nThe instance is in ${house.config.dataDirectory}. Next:`)
    const isDefault = house.config.dataDirectory === configOf(context, {}).dataDirectory
    const where = isDefault ? '' : ` --data ${JSON.stringify(house.config.dataDirectory)}`
    context.say(`  apigate serve${where}`)
    context.say(`  apigate users create${where} --email customer@example.com --plan-id ${answers.planName}`)
    context.say(`  apigate keys create${where} --user-id customer@example.com`)
    return exitCodes.done
  } finally {
    await house.close()
  }
}

function stepText(step: InitStep): string {
  if (step.isNew) return `made ${step.label} (${step.id})`
  const differing = step.differences.length === 0 ? '' : `; differs in ${step.differences.join(', ')}`
  return `kept ${step.label} as it is (${step.id})${differing}`
}

async function givenAnswers(
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<GivenAnswers> {
  const given: Record<string, string | number | undefined> = {}
  for (const name of names) {
    const question = questions[name]
    const text = flags[name] ?? context.env[question.env]
    if (typeof text !== 'string') continue
    given[name] = question.isNumber === true ? numberOf(question.flag, text) : text
  }
  if (given['adminPassword'] === '-') given['adminPassword'] = await context.terminal.readInput()
  return given as GivenAnswers
}

function numberOf(flag: string, text: string): number {
  if (!/^-?[0-9]{1,15}$/.test(text)) throw new UsageError(`--${flag} is a whole number, not "${text}"`)
  return Number(text)
}

function complete(given: GivenAnswers): InitAnswers {
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { adminEmail: '', adminPassword: '', upstreamUrl: '', ...initDefaults, ...known }
}
