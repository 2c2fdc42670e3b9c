import { type CompletedCommand, type PlacedCommand, placedCommands, steps, valueFlags } from './tree.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A word with its meaning, as \`_describe\` reads it. */
const described = (word: string, description: string): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${description.replaceAll(/\s+/g, ' ')}`)

/** The completion of a program for zsh; nothing is run while a person types. */
export function zshCompletion(program: CompletedCommand): string {
  const commands = placedCommands(program)
  const name = `_${program.name}`
  return `#compdef ${program.name}
# zsh completion of ${program.name}; to use it: source <(${program.name} completion zsh)
${name}() {
  local place="" previous="\${words[CURRENT-1]}" index
  local -a found
  for ((index = 2; index < CURRENT; index++)); do
    case "$place/\${words[index]}" in
${steps(commands)
  .map(({ typed, path }) => `      (${quoted(typed)}) place=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  case "$place:$previous" in
${commands.flatMap(valueLines).join('\n')}
  esac
  case "$place" in
${commands.map(wordLine).join('\n')}
  esac
}
(( $+functions[compdef] )) && compdef ${name} ${program.name}
`
}

function valueLines(placed: PlacedCommand): readonly string[] {
  return valueFlags(placed).map(({ spellings, values, takesPath }) => {
    const typed = spellings.map((spelling) => quoted(`${placed.path}:${spelling}`)).join('|')
    const found =
      values.length > 0 ? `compadd -- ${values.map(quoted).join(' ')};` : takesPath ? '_files;' : ''
    return `    (${typed}) ${found} return ;;`
  })
}

function wordLine({ path, command }: PlacedCommand): string {
  const names = [
    ...command.commands.map((child) => described(child.name, child.description)),
    ...command.words.map(quoted),
  ]
  const flags = command.flags.flatMap(({ spellings, description }) =>
    spellings.map((spelling) => described(spelling, description)),
  )
  return `    (${quoted(path)})
      if [[ "\${words[CURRENT]}" == -* ]]; then found=(${flags.join(' ')})
      else found=(${names.join(' ')})${command.takesPath ? '; _files' : ''}; fi
      _describe -V ${quoted(path === '' ? 'command' : path)} found ;;`
}
