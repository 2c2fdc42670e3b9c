import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { runApigate } from './run-apigate.ts'

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

const kite = `
module: kite
meta: { description: "Flies; it's \`light\` and costs $5: $(exit 3)", plural: Kites }
schema:
  name: { type: string, required: true }
  shape: { type: enum, values: [delta, box, "$(exit 3)"], default: delta }
actions:
  launch: { description: "Let it fly" }
`

let modules = ''
let scripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>>
beforeAll(async () => {
  modules = mkdtempSync(join(tmpdir(), 'apigate-test-'))
  writeFileSync(join(modules, 'kite.yaml'), kite)
  const write = async (shell: string): Promise<string> => {
    const { exitCode, out, err } = await runApigate(['completion', shell, '--modules', modules], {
      cwd: modules,
    })
    expect([exitCode, err]).toEqual([0, ''])
    return out
  }
  scripts = { bash: await write('bash'), zsh: await write('zsh'), fish: await write('fish') }
})

afterAll(() => rmSync(modules, { recursive: true }))

/** What a line is completed with; its last word is the one that is being typed. */
type Complete = (line: string) => string[]

const words = (output: string): string[] => output.split('\n').filter((word) => word !== '')
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const inBash: Complete = (line) => {
  const typed = line.split(' ')
  const program = `${scripts.bash}
COMP_WORDS=(${typed.map(quoted).join(' ')}); COMP_CWORD=${typed.length - 1}; _apigate
printf '%s\\n' "\${COMPREPLY[@]}"`
  return words(execFileSync('bash', ['--norc', '-s'], { encoding: 'utf8', input: program }))
}

/** The two functions of the completion system that are called, as far as they matter here. */
const zshStubs = `
compadd() { shift; offered=("$@") }
_describe() { offered=("\${(@)found%%:*}") }
_files() { offered=(FILES) }
`
const inZsh: Complete = (line) => {
  const typed = line.split(' ')
  const last = typed.at(-1) ?? ''
  const program = `${zshStubs}${scripts.zsh}
typeset -a offered; words=(${typed.map(quoted).join(' ')}); CURRENT=${typed.length}; _apigate; print -l -- "\${offered[@]}"`
  return words(execFileSync('zsh', ['-f', '-s'], { encoding: 'utf8', input: program })).filter((word) =>
    word.startsWith(last),
  )
}

const inFish: Complete = (line) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'apigate.fish'), scripts.fish)
  const program = `source apigate.fish; complete -C ${quoted(line)}`
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
  return words(
    execFileSync('fish', ['--no-config', '-c', program], { encoding: 'utf8', cwd: folder, env }),
  ).map((found) => found.split('\t')[0] ?? '')
}

describe.each([
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
] as const)('in %s', (shell, complete) => {
  const when = it.skipIf(!has(shell))

  when('commands are completed, those of custom modules and aliases too', () => {
    expect(complete('apigate kit')).toContain('kites')
    expect(complete('apigate ser')).toContain('serve')
    expect(complete('apigate kites l').sort()).toEqual(['launch', 'list'])
    expect(complete('apigate kite l').sort()).toEqual(['launch', 'list'])
    expect(complete('apigate completion ').sort()).toEqual(['bash', 'fish', 'zsh'])
  })

  when('flags are completed for the command they belong to', () => {
    expect(complete('apigate kites create --sh')).toContain('--shape')
    expect(complete('apigate kites list --sh')).toEqual([])
    expect(complete('apigate plan --pru')).toEqual(['--prune'])
  })

  when('values are completed where they are known, and nothing in a module is ever run', () => {
    expect(complete('apigate kites create --shape ').sort()).toEqual(['box', 'delta'])
    expect(complete('apigate plans list --output ').sort()).toEqual(['json', 'table', 'yaml'])
  })
})

it('bash knows a value after the equals sign', () => {
  expect(inBash('apigate plans list --output = y')).toEqual(['yaml'])
})

it('an unknown shell is a mistake in the command line', async () => {
  const ended = await runApigate(['completion', 'cmd'], { cwd: temporaryFolder() })
  expect([ended.exitCode, ended.err]).toEqual([
    2,
    'error: there is completion for bash, fish, zsh, not for "cmd"\n',
  ])
})
