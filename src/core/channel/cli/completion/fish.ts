import {
  type CompletedCommand,
  type CompletedFlag,
  type PlacedCommand,
  placedCommands,
  steps,
} from './tree.ts'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** The completion of a program for fish; nothing is run while a person types. */
export function fishCompletion(program: CompletedCommand): string {
  const commands = placedCommands(program)
  const { name } = program
  return `# fish completion of ${name}; to use it: ${name} completion fish | source
function __${name}_at
  set -l place ''
  for word in (commandline -opc)[2..-1]
    switch "$place/$word"
${steps(commands)
  .map(({ typed, path }) => `      case ${quoted(typed)}\n        set place ${quoted(path)}`)
  .join('\n')}
    end
  end
  test "$place" = "$argv[1]"
end
complete -c ${name} -e
complete -c ${name} -f
${commands.flatMap((placed) => lines(name, placed)).join('\n')}
`
}

function lines(program: string, { path, command }: PlacedCommand): readonly string[] {
  const start = `complete -c ${program} -n ${quoted(`__${program}_at ${quoted(path)}`)}`
  return [
    ...command.commands.map((child) => `${start} -a ${quoted(child.name)} -d ${quoted(child.description)}`),
    ...(command.words.length === 0 ? [] : [`${start} -a ${quoted(command.words.join(' '))}`]),
    ...(command.takesPath ? [`${start} -F`] : []),
    ...command.flags.map((flag) => `${start}${flagWords(flag)} -d ${quoted(flag.description)}`),
  ]
}

function flagWords({ spellings, takesValue, values, takesPath }: CompletedFlag): string {
  const names = spellings.map((spelling) =>
    spelling.startsWith('--') ? ` -l ${quoted(spelling.slice(2))}` : ` -s ${quoted(spelling.slice(1))}`,
  )
  if (!takesValue) return names.join('')
  if (values.length > 0) return `${names.join('')} -x -a ${quoted(values.join(' '))}`
  return `${names.join('')} ${takesPath ? '-r -F' : '-x'}`
}
