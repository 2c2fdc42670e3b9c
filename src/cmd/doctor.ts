import type { Command } from 'commander'
import type { Check } from '#bootstrap/doctor/check.ts'
import { outputFormatOf, outputFormats, writeBody } from '#core/channel/cli/output.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addServerFlags, type CommandContext, configOf, type ServerFlags } from './context.ts'

const colours = { ok: 32, warn: 33, fail: 31 } as const

/** Adds `doctor`. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('Examine the instance and say what to do about what is wrong')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addServerFlags(command).action(async () => {
    const flags = command.opts<ServerFlags & { readonly output: string }>()
    const output = outputFormatOf(flags.output)
    const config = configOf(context, flags)
    const { terminal } = context
    const { examine } = await import('#bootstrap/doctor.ts')
    const checks: Check[] = []
    for await (const check of examine(config, (line) => terminal.note(`${line}\n`))) {
      checks.push(check)
      if (output === 'table') context.say(checkText(check, terminal.hasColours))
    }
    if (output !== 'table') writeBody(terminal, output, checks)
    context.finish(checks.some((check) => check.status === 'fail') ? exitCodes.refused : exitCodes.done)
  })
}

function checkText(check: Check, hasColours: boolean): string {
  const word = check.status.padEnd(4)
  const mark = hasColours ? `\u001b[${colours[check.status]}m${word}\u001b[39m` : word
  const todo = check.todo === undefined ? '' : `\n      ${safeText(check.todo)}`
  return `${mark}  ${check.name}: ${safeText(check.message)}${todo}`
}
