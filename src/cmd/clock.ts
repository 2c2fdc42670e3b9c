import type { Command } from 'commander'
import { accept, type Outcome } from '#contract/outcome.ts'
import { readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Flags = InstanceFlags & RemoteFlags
type Time = { readonly now: string; readonly stops?: number }
/** The clock of an instance: a server's, or that of the instance's own files. */
interface InstanceClock {
  now(): Promise<Outcome<Time>>
  advanceTo(at: string): Promise<Outcome<Time>>
}

const path = '/admin/test-clock'
/** What is done on the way takes time: a server is asked for a month after the other. */
const stepMs = 31 * 86_400_000

/** Adds `clock show` and `clock advance`. */
export function addClockCommands(program: Command, context: CommandContext): void {
  const clock = program
    .command('clock')
    .description('The time of a development instance that was started with APIGATE_TEST_CLOCK=1')
    .helpCommand(false)
  const show = clock.command('show').description('What time it is')
  addRemoteFlags(addInstanceFlags(show)).action(() =>
    withClock(context, show.opts<Flags>(), (instance) => instance.now()),
  )
  const advance = clock
    .command('advance')
    .description('Let time pass: what is due on the way is done at its time')
    .argument('<time>', 'how long, such as 30d or 12h, or until when, such as 2027-01-01T00:00:00Z')
  addRemoteFlags(addInstanceFlags(advance)).action(async (wish: string) => {
    const { momentOf } = await import('#bootstrap/open-test-time.ts')
    if (momentOf(wish, 0) === undefined)
      throw new UsageError(
        `"${wish}" is neither a length such as 30d nor a time such as 2027-01-01T00:00:00Z`,
      )
    const untilMs = (nowMs: number): number => momentOf(wish, nowMs) ?? nowMs
    await withClock(context, advance.opts<Flags>(), (instance) => advanceUntil(instance, untilMs))
  })
}

async function advanceUntil(
  instance: InstanceClock,
  untilMs: (nowMs: number) => number,
): Promise<Outcome<Time>> {
  const begun = await instance.now()
  if (!begun.ok) return begun
  let reachedMs = Date.parse(begun.value.now)
  const toMs = untilMs(reachedMs)
  for (let stops = 0; ; ) {
    const nextMs = Math.min(toMs, reachedMs + stepMs)
    const done = await instance.advanceTo(new Date(nextMs).toISOString())
    if (!done.ok) return done
    stops += done.value.stops ?? 0
    reachedMs = Date.parse(done.value.now)
    if (reachedMs >= toMs) return accept({ now: done.value.now, stops })
  }
}

async function withClock(
  context: CommandContext,
  flags: Flags,
  work: (instance: InstanceClock) => Promise<Outcome<Time>>,
): Promise<void> {
  const server = serverOf(flags, context.env)
  const outcome =
    server === undefined
      ? await withOwnClock(context, flags, work)
      : await work({
          now: async () => (await readDocument(server, path)) as Outcome<Time>,
          advanceTo: async (to) =>
            (await sendDocument(server, path, {
              contentType: 'application/json',
              text: JSON.stringify({ to }),
            })) as Outcome<Time>,
        })
  if (!outcome.ok) return context.finish(refused(outcome, context.terminal))
  context.terminal.write(`${outcome.value.now}\n`)
  if (outcome.value.stops !== undefined) context.say(`${outcome.value.stops} stops on the way`)
  context.finish(exitCodes.done)
}

async function withOwnClock(
  context: CommandContext,
  flags: Flags,
  work: (instance: InstanceClock) => Promise<Outcome<Time>>,
): Promise<Outcome<Time>> {
  const { withOwnTime } = await import('#bootstrap/open-test-time.ts')
  const house = await openInstance(context, flags)
  try {
    return await withOwnTime(house, (time) =>
      work({
        now: async () => accept(time.show()),
        advanceTo: (at) => time.to(Date.parse(at)),
      }),
    )
  } finally {
    await house.close()
  }
}
