import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

interface Wall {
  /** Rooms that may be imported, besides the own one. `core/channel/cli` names a part of a room. */
  readonly rooms: readonly string[]
  /** npm packages that may be imported; `*` is any. */
  readonly npm: readonly string[]
  /** Whether `node:*` may be imported. */
  readonly node: boolean
}

/** Who may know whom (docs/house.md, section 2). A folder that is not here may not exist under src/. */
const walls: Readonly<Record<string, Wall>> = {
  contract: { rooms: [], npm: ['zod'], node: false },
  domain: { rooms: ['contract'], npm: ['re2js'], node: false },
  ports: { rooms: ['domain', 'contract'], npm: [], node: false },
  core: {
    rooms: ['ports', 'domain/linear-regex.ts', 'contract'],
    npm: ['zod', 'yaml', 'kysely', 'hono', 'commander'],
    node: true,
  },
  app: { rooms: ['ports', 'domain', 'contract'], npm: [], node: false },
  gateway: { rooms: ['ports', 'domain', 'contract'], npm: [], node: true },
  adapters: {
    rooms: ['ports', 'domain', 'contract', 'core/storage'],
    npm: [
      '@marcbachmann/cel-js',
      '@node-rs/argon2',
      '@node-rs/bcrypt',
      'ajv',
      'ajv-formats',
      'croner',
      'hono',
      'jose',
      'csv-parse',
      'kysely',
      'openid-client',
      '@paddle/paddle-node-sdk',
      'stripe',
      'otpauth',
      'pdfkit',
      'pg',
      'pino',
      'prom-client',
      'zod',
    ],
    node: true,
  },
  control: {
    rooms: ['app', 'core', 'ports', 'domain/access', 'domain/address-block.ts', 'contract'],
    npm: ['hono', '@hono/node-server', 'ws'],
    node: true,
  },
  worker: { rooms: ['app', 'ports', 'contract'], npm: [], node: true },
  bootstrap: {
    rooms: [
      'adapters',
      'app',
      'control',
      'core',
      'domain',
      'examples',
      'gateway',
      'ports',
      'contract',
      'worker',
    ],
    npm: ['*'],
    node: true,
  },
  cmd: {
    rooms: ['bootstrap', 'core/channel/cli', 'contract'],
    npm: ['commander', '@clack/prompts'],
    node: true,
  },
}

/** Packages of a room that only one of its parts may import. */
const narrowed: readonly { readonly npm: string; readonly within: string }[] = [
  { npm: 're2js', within: 'src/domain/linear-regex.ts' },
  { npm: 'hono', within: 'src/core/channel/http/' },
  { npm: 'commander', within: 'src/core/channel/cli/' },
]

interface Import {
  readonly file: string
  readonly specifier: string
  readonly isTypeOnly: boolean
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

const isTest = (file: string): boolean => file.endsWith('.test.ts')
const sources = sourceFiles('src').filter((file) => !isTest(file))
const imports: Import[] = sources.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)].map((match) => ({
    file,
    specifier: match[2] ?? match[3] ?? '',
    isTypeOnly: match[1] !== undefined,
  })),
)

const roomOf = (file: string): string => file.split('/')[1] ?? ''
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** The path under src/ that an import of ours points to; undefined for packages. */
function target({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (!specifier.startsWith('.')) return undefined
  return relative(join(root, 'src'), resolve(root, dirname(file), specifier))
}

function problemOf(entry: Import): string | undefined {
  const room = roomOf(entry.file)
  const wall = walls[room]
  if (wall === undefined) return `${room} is not a room`
  const path = target(entry)
  if (path === undefined) return packageProblem(entry, wall)
  const to = path.split('/')[0] ?? ''
  if (to === room) return undefined
  if (entry.specifier.startsWith('.')) return 'leaves its room by a relative path'
  if (room === 'ports' && !entry.isTypeOnly) return 'ports import types only'
  if (room === 'adapters' && to === 'core' && !entry.isTypeOnly)
    return 'adapters import only types of the engine'
  const isAllowed = wall.rooms.some((allowed) => path === allowed || path.startsWith(`${allowed}/`))
  return isAllowed ? undefined : `${room} may not know ${to}`
}

function packageProblem({ file, specifier }: Import, wall: Wall): string | undefined {
  if (specifier.startsWith('node:')) return wall.node ? undefined : 'may not use node:*'
  const name = packageOf(specifier)
  const place = /^src\/(core|domain)\//.test(file) ? narrowed.find(({ npm }) => npm === name) : undefined
  if (place !== undefined && !file.startsWith(place.within)) return `${name} belongs in ${place.within}`
  return wall.npm.includes('*') || wall.npm.includes(name) ? undefined : `may not use ${name}`
}

describe('the house', () => {
  it('was found: a check of no files would pass anything', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(imports.length).toBeGreaterThan(300)
    for (const room of Object.keys(walls))
      expect(
        sources.some((file) => roomOf(file) === room),
        room,
      ).toBe(true)
  })

  it('has walls: no file imports a room or a package that its room may not know', () => {
    const problems = imports.flatMap((entry) => {
      const problem = problemOf(entry)
      return problem === undefined ? [] : [`${entry.file} -> ${entry.specifier}: ${problem}`]
    })
    expect(problems).toEqual([])
  })

  it('has no circle: no file reaches itself through what it imports', () => {
    const edges = new Map<string, string[]>()
    for (const entry of imports) {
      const path = target(entry)
      if (path === undefined || entry.isTypeOnly) continue
      edges.set(entry.file, [...(edges.get(entry.file) ?? []), `src/${path}`])
    }
    expect(circlesIn(edges)).toEqual([])
  })

  it('keeps time and chance out of domain and app: they come as arguments', () => {
    const found = sources.filter(
      (file) =>
        ['domain', 'app', 'contract', 'ports'].includes(roomOf(file)) &&
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.\w|\brandomUUID\b/.test(
          readFileSync(join(root, file), 'utf8'),
        ),
    )
    expect(found).toEqual([])
  })

  it('reads the environment in one place', () => {
    const found = sources.filter(
      (file) =>
        /process\.env\b/.test(readFileSync(join(root, file), 'utf8')) &&
        !['src/bootstrap/config.ts', 'src/cmd/apigate.ts'].includes(file),
    )
    expect(found).toEqual([])
  })

  it('says every word of the pages in web/text, and makes no HTML of texts', () => {
    const pages = readdirSync(join(root, 'web'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(tsx?|js)$/.test(file) && !/^text\/|\.test\.ts$/.test(file),
    )
    expect(pages.length).toBeGreaterThan(150)
    // A label, and words between tags: what a translator would miss.
    const words =
      /\b(?:label|heading|title|group|hint|lead)(?:: '|="|: ")[A-Z][a-z]|[^=-]>[ ]*[A-Z][a-z]+[^<>{}=();]*<\//
    const raw = /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write/
    const found = pages.flatMap((file) =>
      readFileSync(join(root, 'web', file), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          raw.test(line) || (file.endsWith('.tsx') && words.test(line))
            ? [`web/${file}:${at + 1} ${line.trim()}`]
            : [],
        ),
    )
    expect(found).toEqual([])
  })

  it('keeps areas of app/ in one direction', () => {
    const order = [
      'behaviours.ts',
      'site',
      'webhooks',
      'reactions',
      'access',
      'catalogue',
      'payments',
      'usage',
      'billing',
      'sync',
      'jobs',
      'providers',
      'account',
      'mail',
      'identity',
      'settings',
    ]
    const problems = imports.flatMap((entry) => {
      const path = target(entry)
      if (!entry.file.startsWith('src/app/') || path?.startsWith('app/') !== true) return []
      const from = order.indexOf(entry.file.split('/')[2] ?? '')
      const to = order.indexOf(path.split('/')[1] ?? '')
      return from !== -1 && to !== -1 && from <= to ? [] : [`${entry.file} -> ${entry.specifier}`]
    })
    expect(problems).toEqual([])
  })
})

it('every decision has a number of its own, the same in its name and its heading', () => {
  const folder = join(root, 'docs/decisions')
  const numbers = readdirSync(folder).map((file) => {
    const heading = Number(/^# (\d+)\. /.exec(readFileSync(join(folder, file), 'utf8'))?.[1])
    expect(heading, file).toBe(Number(file.slice(0, 4)))
    return heading
  })
  expect(new Set(numbers).size).toBe(numbers.length)
})

it('no test of a page reads it once: what it shows comes a moment after what was done to it', () => {
  const folder = join(root, 'test/pages')
  const once =
    /expect\(\s*await [^\n]*?\.(?:textContent|innerText|inputValue|getAttribute|count|title|is[A-Z]\w+)\(/g
  const found = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(once)].map(([line]) => `${file}: ${line}`),
  )
  expect(found).toEqual([])
})

function circlesIn(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file)
    if (at !== -1) circles.push([...trail.slice(at), file].join(' -> '))
    if (at !== -1 || done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return circles
}
