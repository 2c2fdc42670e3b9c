import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'

const root = resolve(import.meta.dirname, '..')
const readText = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The lines of a document's `sh` blocks, in their order. */
const commandsOf = (file: string): string[] =>
  [...readText(file).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap((match) =>
    (match[1] ?? '').trim().split('\n'),
  )

let server: ChildProcess | undefined
let folder = ''
afterEach(async () => {
  if (server !== undefined) await new Promise((done) => server?.once('exit', done).kill('SIGTERM'))
  server = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** A directory in which `npx apigate` is this checkout, with an instance of its own. */
function workplace(): NodeJS.ProcessEnv {
  folder = mkdtempSync(join(tmpdir(), 'apigate-docs-'))
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  const npx = `#!/bin/sh\nshift\nexec "${root}/bin/apigate" "$@"\n`
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
    execFile('sh', ['-c', command], { cwd: folder, env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
    })
  })
}

/** Starts `serve` beside the other commands and answers what the documents call $APIGATE_SERVER and $APIGATE_TOKEN. */
async function serveBeside(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const child = spawn(join(root, 'bin/apigate'), ['serve'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  const found: { url?: string | undefined; token?: string | undefined } = {}
  for await (const line of createInterface(child.stderr)) {
    found.url ??= /answers on (\S+)/.exec(line)?.[1]
    found.token ??= /Operator token: (\S+)/.exec(line)?.[1]
    if (found.url !== undefined && found.token !== undefined) break
  }
  child.stderr.resume()
  return { ...env, APIGATE_SERVER: found.url, APIGATE_TOKEN: found.token }
}

async function run(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  let scope = env
  for (const command of commandsOf(file)) {
    if (command === 'npx apigate serve') {
      await serveBeside(env)
      continue
    }
    const isForServer = command.includes('$APIGATE_SERVER')
    if (isForServer && server === undefined) scope = await serveBeside(env)
    const { code, output } = await shell(
      isForServer ? command.replace('curl -s', 'curl -sf') : command,
      isForServer ? scope : env,
    )
    expect(code, `${file}: ${command}\n${output}`).toBe(0)
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
    'docs/emails.md',
    'docs/sync.md',
    'docs/security.md',
    'docs/accounts.md',
  ])('%s', async (file) => {
    expect(commandsOf(file).length).toBeGreaterThan(1)
    const postgres = await emptySchema()
    onTestFinished(postgres.remove)
    await run(file, { ...workplace(), POSTGRES_URL: postgres.url })
  })

  it('README.md, after its interactive init', async () => {
    const env = workplace()
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
