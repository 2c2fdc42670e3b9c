import { type CompletedCommand, type PlacedCommand, placedCommands, steps, valueFlags } from './tree.ts'

/** A word as bash reads it literally. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const patterns = (path: string, spellings: readonly string[]): string =>
  spellings.map((spelling) => quoted(`${path}:${spelling}`)).join('|')

/** The completion of a program for bash 3.2 and newer; nothing is run while a person types. */
export function bashCompletion(program: CompletedCommand): string {
  const commands = placedCommands(program)
  const name = `_${program.name}`
  return `# bash completion of ${program.name}; to use it: source <(${program.name} completion bash)
${name}() {
  local word previous place index
  word=\${COMP_WORDS[COMP_CWORD]}
  previous=\${COMP_WORDS[COMP_CWORD-1]}
  # Bash splits --flag=value at the equals sign.
  if [[ $previous == "=" ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $word == "=" ]]; then word=""; fi
  place=""
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$place/\${COMP_WORDS[index]}" in
${steps(commands)
  .map(({ typed, path }) => `      ${quoted(typed)}) place=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  COMPREPLY=()
  case "$place:$previous" in
${commands.flatMap(valueLines).join('\n')}
  esac
  case "$place" in
${commands.map(wordLine).join('\n')}
  esac
}
complete -F ${name} ${program.name}
`
}

function valueLines(placed: PlacedCommand): readonly string[] {
  return valueFlags(placed).map(({ spellings, values, takesPath }) => {
    const words = values.length > 0 ? ` -W ${quoted(values.join(' '))}` : takesPath ? ' -f' : ''
    // Where nothing is known of a value, nothing is better than the flags of the command.
    const found = words === '' ? '' : ` COMPREPLY=($(compgen${words} -- "$word"));`
    return `    ${patterns(placed.path, spellings)})${found} return ;;`
  })
}

function wordLine({ path, command }: PlacedCommand): string {
  const names = [...command.commands.map(({ name }) => name), ...command.words]
  const flags = command.flags.flatMap(({ spellings }) => spellings)
  const files = command.takesPath ? ' -f' : ''
  return `    ${quoted(path)})
      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W ${quoted(flags.join(' '))} -- "$word"))
      else COMPREPLY=($(compgen${files} -W ${quoted(names.join(' '))} -- "$word")); fi ;;`
}
