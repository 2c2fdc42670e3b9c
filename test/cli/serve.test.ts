import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lastingMonth } from '#test/support/lasting-month.ts'
import { makeDataFolder, runApigate, runHere, startApigate } from './run-apigate.ts'

let folder: ReturnType<typeof makeDataFolder>
let child: ChildProcess | undefined

beforeEach(() => {
  folder = makeDataFolder()
})

afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  child = undefined
  folder.remove()
})

/** Starts a server and waits for the line that says where it answers. */
async function start(
  ...args: string[]
): Promise<{ url: string; told(): string; ended: Promise<number | null> }> {
  const started = startApigate(args, { cwd: folder.path })
  child = started
  let told = ''
  const ended = once(started, 'close').then(([exitCode]) => exitCode as number | null)
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        told += text
        const match = /(?:answers on|is ready:) (http:\/\/\S+:\d+)/.exec(told)
        if (match?.[1] !== undefined) resolve(match[1])
      })
    }
    ended.then(() => reject(new Error(told)))
  })
  return { url: await url, told: () => told, ended }
}

describe('serve', () => {
  it('prints where it answers and the first operator token, which opens the command line from afar', async () => {
    const server = await start('serve', '--port', '0', '--host', '127.0.0.1')
    const token = /Operator token: (\S+)/.exec(server.told())?.[1] ?? ''
    const remote = (...args: string[]) =>
      runHere(args, { cwd: folder.path, env: { APIGATE_SERVER: server.url, APIGATE_TOKEN: token } })
    const made = await runApigate(['plans', 'create', '--name', 'remote', '--output', 'json'], {
      cwd: folder.path,
      env: { APIGATE_SERVER: server.url, APIGATE_TOKEN: token },
    })
    expect(made).toMatchObject({ exitCode: 0, err: '' })
    const local = await runHere(['plans', 'get', 'remote', '--output', 'json', '--data', '.apigate'], {
      cwd: folder.path,
    })
    expect(JSON.parse(local.out)).toEqual(JSON.parse(made.out))
    const [fromServer, fromFiles] = [
      await remote('plans', 'list', '--sort', 'name'),
      await runHere(['plans', 'list', '--sort', 'name'], { cwd: folder.path }),
    ]
    expect(fromServer).toEqual(fromFiles)
    expect(await remote('plans', 'create', '--name', 'remote')).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/^error: .*name.*\n$/),
    })
    await lastingMonth()
    const usage = await remote('usage', 'summary', '--output', 'json')
    const here = ['usage', 'summary', '--output', 'json', '--data', '.apigate']
    expect(usage.exitCode).toBe(0)
    expect(usage).toEqual(await runHere(here, { cwd: folder.path }))
    expect(await remote('usage', 'summary', '--organization', 'org_x')).toMatchObject({
      exitCode: 1,
      out: '',
    })
    const key = await remote('keys', 'create', '--organization-id', 'operator', '--name', 'far')
    expect(key.out).toMatch(/^key: ak_[0-9a-f]{64}$/m)
    expect(await remote('plans', 'delete', 'remote', '--yes')).toMatchObject({ exitCode: 0, err: '' })
    const stranger = await runHere(['plans', 'list', '--server', server.url, '--token', 'opt_wrong'], {
      cwd: folder.path,
    })
    expect(stranger).toMatchObject({ exitCode: 1, out: '' })
    const doctor = await runHere(['doctor', '--host', '127.0.0.1', '--port', new URL(server.url).port], {
      cwd: folder.path,
    })
    expect(doctor.out).toMatch(/^ok {4}port: APIGate answers on/m)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'closes gracefully at %s and keeps its token to itself the next time',
    async (signal) => {
      const first = await start('serve', '--port', '0', '--host', '127.0.0.1')
      expect(first.told()).toContain('Operator token:')
      child?.kill(signal)
      expect(await first.ended).toBe(0)
      expect(first.told()).toMatch(new RegExp(`${signal}: no requests in flight`))
      expect(first.told()).toMatch(/stopped\n$/)
      const second = await start('serve', '--port', '0', '--host', '127.0.0.1')
      expect(second.told()).not.toContain('Operator token:')
    },
  )

  it('says that its data is in use when it is started twice', async () => {
    await start('serve', '--port', '0', '--host', '127.0.0.1')
    const second = await runApigate(['serve', '--port', '0', '--host', '127.0.0.1'], { cwd: folder.path })
    expect(second.exitCode).toBe(70)
    expect(second.err).toMatch(/^error: .+\n$/)
  })
})

describe('stopping while a request is in flight', () => {
  interface Held {
    readonly url: string
    readonly arrived: Promise<void>
    answer(): void
    close(): void
  }

  /** An upstream that answers only when it is told to. */
  async function holdingUpstream(): Promise<Held> {
    const arrived = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const server = createServer(async (request, response) => {
      if (request.method === 'HEAD') return void response.end()
      arrived.resolve()
      await released.promise
      response.end('late but whole')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      arrived: arrived.promise,
      answer: () => released.resolve(),
      close: () => {
        server.closeAllConnections()
        server.close()
      },
    }
  }

  async function startWithRequest(upstream: Held) {
    const run = (...args: string[]) =>
      runHere(args, { cwd: folder.path, env: { APIGATE_ADMIN_PASSWORD: 'correct horse battery' } })
    await run('init', '--non-interactive', '--admin-email', 'op@example.com', '--upstream-url', upstream.url)
    await run('users', 'create', '--email', 'ann@example.com', '--plan-id', 'basic')
    const made = await run('keys', 'create', '--user-id', 'ann@example.com', '--output', 'json')
    const { data } = JSON.parse(made.out) as { data: { key: string } }
    const server = await start('serve', '--port', '0', '--host', '127.0.0.1')
    const response = fetch(`${server.url}/anything`, { headers: { authorization: `Bearer ${data.key}` } })
    const text = response.then(
      async (answer) => `${answer.status} ${await answer.text()}`,
      () => 'broken off',
    )
    await upstream.arrived
    return { server, text }
  }

  it('waits for it, says so, and ends well', async () => {
    const upstream = await holdingUpstream()
    try {
      await lastingMonth()
      const { server, text } = await startWithRequest(upstream)
      child?.kill('SIGTERM')
      await expect.poll(server.told).toContain('SIGTERM: finishing 1 request in flight')
      upstream.answer()
      expect(await text).toBe('200 late but whole')
      expect(await server.ended).toBe(0)
      const usage = await runHere(['usage', 'summary', '--output', 'json'], { cwd: folder.path })
      expect(usage.out).toMatch(/"requests": 1,/)
    } finally {
      upstream.close()
    }
  })

  it('ends at once at the second signal', async () => {
    const upstream = await holdingUpstream()
    try {
      const { server, text } = await startWithRequest(upstream)
      child?.kill('SIGINT')
      await expect.poll(server.told).toContain('once more to end at once')
      child?.kill('SIGINT')
      expect(await server.ended).toBe(130)
      expect(await text).toBe('broken off')
    } finally {
      upstream.close()
    }
  })
})

describe('demo', () => {
  it('prints a request that works, and counts it', async () => {
    const demo = await start('demo', '--port', '0', '--host', '127.0.0.1')
    await expect.poll(demo.told).toContain('Stop with')
    await lastingMonth()
    const [, key = '', url = ''] = /Authorization: Bearer (ak_[0-9a-f]+)" "(\S+)"/.exec(demo.told()) ?? []
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ city: 'Lagos', temperature_c: 33 })
    const usage = await runHere(['usage', 'summary', '--output', 'json'], { cwd: folder.path })
    const { data } = JSON.parse(usage.out) as {
      data: { rows: { plan: string; requests: number; units: number }[] }
    }
    expect(data.rows.find((row) => row.plan === 'demo')).toMatchObject({
      requests: 1,
      units: 1,
      remaining: 999,
    })
    child?.kill('SIGTERM')
    expect(await demo.ended).toBe(0)
  })
})
