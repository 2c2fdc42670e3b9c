import { constants } from 'node:fs'
import { access, readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Check, Examination } from './check.ts'

const wantedNode = 24
const lowBytes = 1024 ** 3
const tooFewBytes = 100 * 1024 ** 2
const aheadMs = 60_000

/** The Node that runs this. */
export const examineNode: Examination = async () => {
  const [major = 0] = process.versions.node.split('.').map(Number)
  const message = `Node ${process.versions.node} on ${process.platform}-${process.arch}`
  if (major >= wantedNode) return [{ name: 'node', status: 'ok', message }]
  return [{ name: 'node', status: 'fail', message, todo: 'start with npm start, npx apigate or bin/apigate' }]
}

/** The data directory: that it is there, can be written, and has room. */
export const examineDataDirectory: Examination = async ({ dataDirectory }) => {
  const name = 'data directory'
  const place = await existing(dataDirectory)
  try {
    await access(place, constants.W_OK | constants.X_OK)
  } catch {
    const message = `${place} cannot be written by this user`
    return [
      {
        name,
        status: 'fail',
        message,
        todo: `make it writable (chown, chmod) or choose another with --data`,
      },
    ]
  }
  const isThere = place === resolve(dataDirectory)
  const found: Check = isThere
    ? { name, status: 'ok', message: `${dataDirectory} can be written` }
    : {
        name,
        status: 'warn',
        message: `${dataDirectory} does not exist yet`,
        todo: 'the first start makes it: apigate init, or apigate serve',
      }
  return [found, await examineDisk(place)]
}

async function examineDisk(place: string): Promise<Check> {
  const { bavail, bsize } = await statfs(place)
  const free = bavail * bsize
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  if (free >= lowBytes) return { name: 'disk', status: 'ok', message }
  const todo = 'make room: on a full disk billable requests are refused'
  return { name: 'disk', status: free < tooFewBytes ? 'fail' : 'warn', message, todo }
}

/** The nearest folder that exists, the asked one or one above it. */
async function existing(folder: string): Promise<string> {
  let place = resolve(folder)
  while (
    !(await stat(place).then(
      (entry) => entry.isDirectory(),
      () => false,
    ))
  ) {
    const above = dirname(place)
    if (above === place) return place
    place = above
  }
  return place
}

/** Files that hold secrets must be readable by their owner alone. */
export const examineSecrets: Examination = async ({ dataDirectory }) => {
  const name = 'secrets'
  if (process.platform === 'win32') return []
  const entries = await readdir(dataDirectory, { withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile() && isSecret(entry.name)).map((entry) => entry.name)
  const open: string[] = []
  for (const file of files) {
    const { mode } = await stat(join(dataDirectory, file))
    if ((mode & 0o077) !== 0) open.push(join(dataDirectory, file))
  }
  if (open.length > 0) {
    const message = `others than the owner can read ${open.join(', ')}`
    return [{ name, status: 'fail', message, todo: `chmod 600 ${open.join(' ')}` }]
  }
  const message = files.length === 0 ? 'none made yet' : `${files.join(', ')}: readable by the owner alone`
  return [{ name, status: 'ok', message }]
}

const isSecret = (file: string): boolean =>
  /secret|key|pepper|token|demo\.json$|\.db(?:-wal|-shm)?$/i.test(file)

/** A clock behind what was written already would bill requests to the wrong month. */
export const examineClock: Examination = async ({ databaseDsn }) => {
  const name = 'clock'
  const now = Date.now()
  const written = await stat(databaseDsn).then(
    (file) => file.mtimeMs,
    () => undefined,
  )
  const message = `${new Date(now).toISOString()}`
  if (written === undefined || written <= now + aheadMs) return [{ name, status: 'ok', message }]
  const ahead = `${message}, but the database was written at ${new Date(written).toISOString()}`
  return [{ name, status: 'fail', message: ahead, todo: 'set the clock (timedatectl set-ntp true)' }]
}
