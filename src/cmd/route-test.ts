import type { Command } from 'commander'
import type { RouteTools } from '#bootstrap/route-tools.ts'
import { outputFormatOf, outputFormats, writeBody, writeRecord } from '#core/channel/cli/output.ts'
import { sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes, type Terminal } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'
import { withRouteTools } from './route-tools.ts'

type Outcome = Awaited<ReturnType<RouteTools['testRoute']>>
type Answer = Extract<Outcome, { ok: true }>['value']

interface TestFlags extends InstanceFlags, RemoteFlags {
  readonly header?: readonly string[]
  readonly key?: string
  readonly body?: string
  readonly dataBinary?: string
  readonly output: string
}

/** Adds `routes test`. */
export function addRouteTest(routes: Command, context: CommandContext): void {
  const command = routes
    .command('test')
    .description('Show which route a request matches, what it becomes and what it costs, without sending it')
    .argument('<method>', 'for example GET')
    .argument('<url>', 'an address (its host counts), or a path')
    .option('-H, --header <line>', "'Name: value'; can be given several times", collect)
    .option('--key <key>', 'an API key, as a customer sends it; - reads it from standard input')
    .option('--body <text>', 'the body')
    .option('--data-binary <text>', 'the same')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async (method: string, url: string) => {
    context.finish(await test(method, url, command.opts<TestFlags>(), context))
  })
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

async function test(method: string, url: string, flags: TestFlags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags.output)
  const { terminal } = context
  if (flags.body !== undefined && flags.dataBinary !== undefined)
    throw new UsageError('--body and --data-binary are the same: leave one out')
  const headers = (flags.header ?? []).map(headerOf)
  const server = serverOf(flags, context.env)
  const key = flags.key === '-' ? await terminal.readInput() : flags.key
  const body = flags.body ?? flags.dataBinary
  const request = {
    method,
    url,
    headers,
    ...(key === undefined ? {} : { key }),
    ...(body === undefined ? {} : { body }),
  }
  const outcome =
    server === undefined
      ? await withRouteTools(context, flags, (tools) => tools.testRoute(request))
      : ((await sendDocument(server, '/api/routes/test', {
          contentType: 'application/json',
          text: JSON.stringify(request),
        })) as Outcome)
  if (!outcome.ok) return refused(outcome, terminal)
  if (output === 'table') writeAnswer(outcome.value, terminal)
  else writeBody(terminal, output, outcome.value)
  return outcome.value.refusal === null ? exitCodes.done : exitCodes.refused
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) throw new UsageError(`-H is 'Name: value', not "${line}"`)
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function writeAnswer(answer: Answer, terminal: Terminal): void {
  const fields = fieldsOf(answer)
  writeRecord(terminal, 'table', Object.keys(fields), fields)
  const { runners_up: others, more_runners_up: more } = answer
  if (others.length > 0) terminal.write('\nnot these:\n')
  for (const { name, path_pattern: pattern, reasons } of others)
    terminal.write(`  ${safeText(name)} (${safeText(pattern)}): ${reasons.map(safeText).join('; ')}\n`)
  if (more > 0) terminal.write(`  and ${more} more\n`)
}

function fieldsOf({
  route,
  upstream,
  caller,
  cost,
  captures,
  fits_schema: fitsSchema,
  refusal,
}: Answer): Readonly<Record<string, unknown>> {
  const captured = Object.entries(captures).map(([name, value]) => `${name}=${value}`)
  const plan = caller?.plan
  return {
    ...(refusal === null ? {} : { 'refused with': `${refusal.type}: ${refusal.message}` }),
    ...(route === null ? {} : { route: `${route.name} (${route.path_pattern})` }),
    ...(route === null ? {} : { access: route.public ? 'public: no key, no limits, no bill' : 'key' }),
    ...(captured.length === 0 ? {} : { captures: captured.join(', ') }),
    ...(fitsSchema === null ? {} : { body: fitsSchema ? 'fits its schema' : 'does not fit its schema' }),
    ...(upstream === null
      ? {}
      : {
          'upstream gets': `${upstream.method} ${upstream.urls.join(' or ')}`,
          'headers added': upstream.headers.added.join(', ') || '-',
          'headers replaced': upstream.headers.replaced.join(', ') || '-',
          'headers removed': upstream.headers.removed.join(', ') || '-',
        }),
    ...(plan === undefined
      ? {}
      : {
          plan: plan.name,
          'rate limit':
            plan.rate_limit_per_minute === null ? 'unlimited' : `${plan.rate_limit_per_minute} a minute`,
          quota: plan.requests_per_month === null ? 'unlimited' : `${plan.requests_per_month} a month`,
        }),
    ...(cost === null ? {} : { cost: costText(cost) }),
  }
}

function costText({
  units,
  most_units: most,
  beyond,
  unit_price: price,
  currency,
}: NonNullable<Answer['cost']>): string {
  const many = (count: number): string => `${count} unit${count === 1 ? '' : 's'}`
  const amount =
    units === null ? `depends on the answer${most === null ? '' : `, at most ${many(most)}`}` : many(units)
  if (beyond === 'billed') return `${amount}; past the quota ${price} ${currency} a unit`
  if (beyond === 'refused') return `${amount}; past the quota refused`
  return beyond === 'free' ? `${amount}; past the quota free` : amount
}
