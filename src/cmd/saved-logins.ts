import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '#core/channel/cli/usage-error.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Operator tokens by the address of their server, as `login` has kept them for this user alone. */
export interface SavedLogins {
  readonly file: string
  tokenOf(url: string): string | undefined
  save(url: string, token: string): void
  /** Forgets one server, or all of them; answers how many there were. */
  forget(url: string | undefined): number
}

/** One spelling for one server. */
export const serverName = (url: string): string =>
  URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname.replace(/\/+$/, '')}` : url

/** Opens the file of logins; undefined where the environment has no place for it. */
export function savedLogins(env: Env): SavedLogins | undefined {
  const home = env['HOME'] ?? ''
  const folder = env['XDG_CONFIG_HOME'] || (home === '' ? '' : join(home, '.config'))
  if (folder === '') return undefined
  const file = join(folder, 'apigate', 'logins.json')

  const read = (): Record<string, string> => {
    try {
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
      const entries = Object.entries(typeof value === 'object' && value !== null ? value : {})
      return Object.fromEntries(entries.filter(([, token]) => typeof token === 'string'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      if (error instanceof SyntaxError) throw new UsageError(`${file} is damaged: remove it and log in again`)
      throw error
    }
  }
  const write = (logins: Readonly<Record<string, string>>): void => {
    if (Object.keys(logins).length === 0) {
      rmSync(file, { force: true })
      return
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 })
    chmodSync(fresh, 0o600)
    renameSync(fresh, file)
  }

  return {
    file,
    tokenOf: (url) => {
      const logins = read()
      const name = serverName(url)
      return Object.hasOwn(logins, name) ? logins[name] : undefined
    },
    save: (url, token) => write({ ...read(), [serverName(url)]: token }),
    forget(url) {
      const logins = read()
      const kept =
        url === undefined ? [] : Object.entries(logins).filter(([name]) => name !== serverName(url))
      write(Object.fromEntries(kept))
      return Object.keys(logins).length - kept.length
    },
  }
}
