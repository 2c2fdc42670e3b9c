/** One flag as a shell completes it. */
export interface CompletedFlag {
  /** Every spelling, with its dashes. */
  readonly spellings: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  /** The words that it takes, where they are known. */
  readonly values: readonly string[]
  /** True for a flag that takes a file or a folder. */
  readonly takesPath: boolean
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string
  readonly aliases: readonly string[]
  readonly description: string
  readonly flags: readonly CompletedFlag[]
  readonly commands: readonly CompletedCommand[]
  /** Words that may stand in the place of its argument, where they are known. */
  readonly words: readonly string[]
  /** True for a command whose argument is a file. */
  readonly takesPath: boolean
}

/** A command with the words that lead to it, `/plans/list`; the program itself is the empty text. */
export interface PlacedCommand {
  readonly path: string
  readonly command: CompletedCommand
}

/** The program and every command below it. */
export function placedCommands(command: CompletedCommand, path = ''): readonly PlacedCommand[] {
  const below = command.commands.flatMap((child) => placedCommands(child, `${path}/${child.name}`))
  return [{ path, command }, ...below]
}

/** Every way to step from one command to a command below it: what was typed, and where that leads. */
export function steps(commands: readonly PlacedCommand[]): readonly { typed: string; path: string }[] {
  return commands.flatMap(({ path, command }) =>
    command.commands.flatMap((child) =>
      [child.name, ...child.aliases].map((name) => ({
        typed: `${path}/${name}`,
        path: `${path}/${child.name}`,
      })),
    ),
  )
}

/** The flags of a command for which a value is completed. */
export const valueFlags = ({ command }: PlacedCommand): readonly CompletedFlag[] =>
  command.flags.filter(({ takesValue }) => takesValue)
