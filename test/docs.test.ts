import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { quietPort } from '#test/support/quiet-port.ts'
import { startResidentProgram } from '#test/support/resident-program.ts'

const root = resolve(import.meta.dirname, '..')
const readText = (file: string): string => readFileSync(join(root, file), 'utf8')

/** What a document asks its reader to do, in its order: a command, a file to write, or what the command before it answers. */
interface Step {
  readonly kind: 'command' | 'file' | 'answer'
  readonly text: string
  readonly path: string
}

/** `sh` blocks are commands, a line each; a `yaml` or `ts` block that names a file is that file; `text answer` is what the last command says. */
const stepsOf = (file: string): Step[] =>
  [...readText(file).matchAll(/^```(sh|yaml|ts|text)(?: ([\w./-]+))?\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language = '', path = '', text = '']): Step[] => {
      if (language === 'sh')
        return text
          .trim()
          .split('\n')
          .map((line) => ({ kind: 'command', text: line, path }))
      if (language === 'text') return path === 'answer' ? [{ kind: 'answer', text, path }] : []
      return path === '' ? [] : [{ kind: 'file', text, path }]
    },
  )

const commandsOf = (file: string): string[] =>
  stepsOf(file).flatMap(({ kind, text }) => (kind === 'command' ? [text] : []))

const running = new Set<ChildProcess>()
let folder = ''
afterEach(async () => {
  await Promise.all(
    [...running].map((child) => new Promise((done) => child.once('exit', done).kill('SIGTERM'))),
  )
  running.clear()
  rmSync(folder, { recursive: true, force: true })
})

/** A directory in which `npx apigate` is this checkout, with an instance of its own. */
async function workplace(): Promise<NodeJS.ProcessEnv> {
  folder = mkdtempSync(join(tmpdir(), 'apigate-docs-'))
  const resident = await startResidentProgram(folder, 'apigate')
  onTestFinished(resident.close)
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  const npx = `#!/bin/sh\ncommand=$1\nshift\n[ "$command" = node ] && exec "${process.execPath}" "$@"\nexec "${folder}/apigate" "$@"\n`
  writeFileSync(join(folder, 'npx'), npx, { mode: 0o755 })
  return {
    ...process.env,
    PATH: `${folder}:${process.env['PATH']}`,
    APIGATE_SERVER_PORT: '0',
    APIGATE_SERVER_HOST: '127.0.0.1',
  }
}

function shell(command: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = execFile(
      'sh',
      ['-c', command],
      { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
      },
    )
    child.stdin?.end()
  })
}

/** Starts `serve` beside the other commands and answers what the documents call $APIGATE_SERVER and $APIGATE_TOKEN. */
async function serveBeside(
  env: NodeJS.ProcessEnv,
  flags: readonly string[] = [],
): Promise<NodeJS.ProcessEnv> {
  const child = spawn(join(root, 'bin/apigate'), ['serve', ...flags], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.add(child)
  const found: { url?: string | undefined; token?: string | undefined } = {}
  for await (const line of createInterface(child.stderr)) {
    found.url ??= /answers on (\S+)/.exec(line)?.[1]
    found.token ??= /Operator token: (\S+)/.exec(line)?.[1]
    if (found.url !== undefined && found.token !== undefined) break
  }
  child.stderr.resume()
  return { ...env, APIGATE_SERVER: found.url, APIGATE_TOKEN: found.token }
}

/** Starts what a document leaves running behind it (`... &`), and waits until it says that it is there. */
async function startBeside(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const [first] = await once(createInterface(child.stdout), 'line')
  expect(first).toMatch(/on http/)
}

async function run(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  // In the place of the one that the documents name.
  const port = String(await quietPort())
  let scope: NodeJS.ProcessEnv | undefined
  let said = ''
  for (const step of stepsOf(file)) {
    const text = step.text.replaceAll(/\b9000\b/g, port)
    if (step.kind === 'file') {
      mkdirSync(dirname(join(folder, step.path)), { recursive: true })
      writeFileSync(join(folder, step.path), text)
    } else if (step.kind === 'answer') {
      let at = 0
      for (const line of text.trim().split('\n')) {
        at = said.indexOf(line, at)
        expect(at, `${file}: "${line}" in\n${said}`).not.toBe(-1)
        at += line.length
      }
    } else if (text.startsWith('npx apigate serve')) {
      scope = await serveBeside(env, text.split(' ').slice(3))
    } else if (text.endsWith(' &')) {
      await startBeside(text.slice(0, -2), env)
    } else {
      const isForServer = text.includes('$APIGATE_SERVER')
      if (isForServer) scope ??= await serveBeside(env)
      const command = isForServer ? text.replace('curl -s', 'curl -sf') : text
      const { code, output } = await shell(command, isForServer && scope !== undefined ? scope : env)
      expect(code, `${file}: ${command}\n${output}`).toBe(0)
      expect(output, `${file}: ${command}`).not.toContain('"isError":true')
      said = output
    }
  }
}

describe('every command in the documents works as it stands', () => {
  it.each([
    'docs/guide.md',
    'docs/cli.md',
    'docs/modules.md',
    'docs/openapi.md',
    'docs/providers.md',
    'docs/routes.md',
    'docs/limits.md',
    'docs/upstreams.md',
    'docs/databases.md',
    'docs/channels.md',
    'docs/declarative.md',
    'docs/protocols.md',
    'docs/jobs.md',
    'docs/billing.md',
    'docs/emails.md',
    'docs/sync.md',
    'docs/security.md',
    'docs/accounts.md',
    'docs/teams.md',
    'docs/pricing.md',
    'docs/webhooks.md',
    'docs/payments.md',
    'docs/sign-in.md',
    'docs/site.md',
  ])(
    '%s',
    async (file) => {
      expect(commandsOf(file).length).toBeGreaterThan(1)
      const postgres = await emptySchema()
      onTestFinished(postgres.remove)
      await run(file, { ...(await workplace()), POSTGRES_URL: postgres.url })
      // A page is dozens of processes, one after the other.
    },
    180_000,
  )

  it('README.md, after its interactive init', async () => {
    const env = await workplace()
    const init =
      'npx apigate init --non-interactive --no-upstream-check --admin-email a@example.com --admin-password 12345678 --upstream-url http://127.0.0.1:9000'
    expect((await shell(init, env)).code).toBe(0)
    const commands = commandsOf('README.md')
    const elsewhere = [
      'npm install && npm start',
      'npm install && npm test',
      'npx apigate init',
      'npx apigate serve',
    ]
    for (const command of elsewhere) expect(commands).toContain(command)
    for (const command of commands.filter((one) => !elsewhere.includes(one))) {
      const { code, output } = await shell(command, env)
      expect(code, `${command}\n${output}`).toBe(0)
    }
  })
})

describe('the documents', () => {
  it('list exactly the environment variables that are read', () => {
    const listed = [...readText('docs/configuration.md').matchAll(/^\| `(APIGATE_\w+)`/gm)].map(
      (match) => match[1],
    )
    const read = [...new Set(readText('src/bootstrap/config.ts').match(/APIGATE_\w+/g))].sort()
    expect(listed.toSorted()).toEqual(read)
    expect(readConfig({}).ok).toBe(true)
  })

  it('list exactly the settings that are checked', () => {
    const listed = [...readText('docs/guide.md').matchAll(/^\| `([a-z_]+\.[a-z_]+)`/gm)].map(
      (match) => match[1],
    )
    const checked = [
      ...readText('src/app/settings/gateway-settings.ts').matchAll(/^ {2}'([a-z_.]+)': /gm),
    ].map((match) => match[1])
    expect(listed).toEqual(checked)
  })

  it('point only to files that are there', () => {
    for (const file of [
      'README.md',
      'CONTRIBUTING.md',
      'docs/guide.md',
      'docs/cli.md',
      'docs/configuration.md',
      'docs/databases.md',
      'docs/operating.md',
    ]) {
      for (const [, link = ''] of readText(file).matchAll(/\]\(([^)#]+)[^)]*\)/g))
        expect(() => readText(join(file, '..', link)), `${file} -> ${link}`).not.toThrow()
    }
  })

  it('name the scripts that package.json has', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> }
    for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/performance.md'])
      for (const [, name = ''] of readText(file).matchAll(/npm run (?:-s )?([a-z:]+)/g))
        expect(Object.keys(scripts)).toContain(name)
  })
})
