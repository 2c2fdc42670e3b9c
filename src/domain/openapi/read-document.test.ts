import { describe, expect, it } from 'vitest'
import { pointerOf } from '../json-pointer.ts'
import { readOpenApi } from './read-document.ts'
import { serverUrl } from './server-url.ts'
import type { Findings } from './source.ts'

const ok = { responses: {} }
const base = { openapi: '3.0.3', info: { title: 'T', version: '1' }, paths: { '/a': { get: ok } } }

function read(change: Record<string, unknown>) {
  const findings: Findings = { problems: [], notes: [] }
  const document = readOpenApi({ ...base, ...change }, findings)
  const told = (list: Findings['problems']) =>
    list.map(({ steps, reason }) => `${pointerOf(steps)} ${reason}`)
  return { document, problems: told(findings.problems), notes: told(findings.notes) }
}

describe('a document', () => {
  it('is read with its operations in one order, whatever order they are written in', () => {
    const { document, problems } = read({
      paths: {
        'x-note': 1,
        '/b': { post: { ...ok, operationId: 'make' }, get: { ...ok, summary: 'Look' }, parameters: [] },
      },
    })
    expect(problems).toEqual([])
    expect(document?.paths).toMatchObject([
      {
        path: '/b',
        operations: [
          { method: 'GET', summary: 'Look' },
          { method: 'POST', operationId: 'make' },
        ],
      },
    ])
  })

  it('says of each operation whether it needs credentials: its own word, else that of the document', () => {
    const { document } = read({
      security: [{ key: [] }],
      paths: { '/a': { get: { ...ok, security: [] }, post: ok, put: { ...ok, security: [{ other: [] }] } } },
    })
    expect(document?.paths[0]?.operations.map(({ method, isOpen }) => [method, isOpen])).toEqual([
      ['GET', true],
      ['PUT', false],
      ['POST', false],
    ])
    const silent = read({}).document?.paths[0]?.operations[0]
    expect(silent?.isOpen).toBe(false)
  })

  it('may keep a path elsewhere in itself', () => {
    const { document } = read({
      paths: { '/a': { $ref: '#/x-items/~1a' } },
      'x-items': { '/a': { get: ok } },
    })
    expect(document?.paths[0]?.operations[0]?.steps).toEqual(['x-items', '/a', 'get'])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['another version', { openapi: '3.2.0' }, '/openapi must be 3.0.x or 3.1.x, not 3.2.0'],
    ['Swagger', { openapi: undefined, swagger: '2.0' }, '/swagger is of Swagger 2'],
    ['no version', { openapi: undefined }, '/openapi is missing'],
    ['no title', { info: {} }, '/info/title is missing'],
    ['no paths', { paths: undefined }, '/paths is missing or holds no path'],
    ['a path that is no map', { paths: { '/a': 1 } }, '/paths/~1a must be a map of methods'],
    ['an operation that is no map', { paths: { '/a': { get: 1 } } }, '/paths/~1a/get must be a map'],
    ['an unknown method', { paths: { '/a': { fetch: ok } } }, '/paths/~1a/fetch is neither a method'],
    ['twins', { paths: { '/a/{b}': { get: ok }, '/a/{c}': { get: ok } } }, '/paths/~1a~1{c} means the same'],
    [
      'an operationId twice',
      { paths: { '/a': { get: { operationId: 'x' }, put: { operationId: 'x' } } } },
      '/paths/~1a/put/operationId stands twice: x',
    ],
    [
      'security that is no list',
      { paths: { '/a': { get: { security: {} } } } },
      '/paths/~1a/get/security must',
    ],
    ['another file', { paths: { '/a': { $ref: 'a.yaml' } } }, '/paths/~1a/$ref refers to another document'],
    ['nothing', { paths: { '/a': { $ref: '#/x' } } }, '/paths/~1a/$ref leads to nothing'],
    ['itself', { paths: { '/a': { $ref: '#/paths/~1a' } } }, '/paths/~1a/$ref leads in a circle'],
    ['what all inherit', { paths: { '/a': { $ref: '#/constructor' } } }, '/paths/~1a/$ref leads to nothing'],
  ])('with %s is refused, with the place and the reason', (_what, change, problem) => {
    const { document, problems } = read(change)
    expect(document).toBeUndefined()
    expect(problems).toEqual([expect.stringContaining(problem)])
  })

  it('that is none at all is refused', () => {
    for (const data of [null, 7, 'x', []]) {
      const findings: Findings = { problems: [], notes: [] }
      expect(readOpenApi(data, findings)).toBeUndefined()
      expect(findings.problems).toHaveLength(1)
    }
  })

  it('may hold at most 1000 paths', () => {
    const paths = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`/p${index}`, { get: ok }]))
    expect(read({ paths }).problems).toEqual(['/paths holds more than 1000 paths'])
  })

  it('is told what of it is left out', () => {
    const { document, notes } = read({
      paths: { '/a': { trace: ok, get: { ...ok, servers: [] } }, '/b': { parameters: [], servers: [] } },
    })
    expect(document?.paths).toHaveLength(1)
    expect(notes).toEqual([
      expect.stringMatching(/^\/paths\/~1a\/get\/servers is not followed/),
      expect.stringMatching(/^\/paths\/~1a\/trace is left out/),
      expect.stringMatching(/^\/paths\/~1b\/servers is not followed/),
      expect.stringMatching(/^\/paths\/~1b has no operation/),
    ])
  })
})

describe('the address of the API', () => {
  const urlOf = (servers: unknown) => {
    const findings: Findings = { problems: [], notes: [] }
    const url = serverUrl({ servers }, findings)
    return url ?? findings.problems.map(({ steps, reason }) => `${pointerOf(steps)} ${reason}`).join()
  }

  it.each<[unknown, string]>([
    [[{ url: 'https://api.example.com/v2/' }, { url: 'https://b' }], 'https://api.example.com/v2'],
    [
      [
        {
          url: 'https://{region}.example.com:{port}',
          variables: { region: { default: 'eu' }, port: { default: '8443' } },
        },
      ],
      'https://eu.example.com:8443',
    ],
    [undefined, ' names no server'],
    [[], '/servers names no server'],
    [[{}], '/servers/0/url is missing'],
    [[{ url: '/v1' }], '/servers/0/url is relative'],
    [[{ url: 'ftp://a' }], '/servers/0/url must begin with http'],
    [[{ url: 'https://u:p@a' }], '/servers/0/url must not hold credentials'],
    [[{ url: 'https://a?b' }], '/servers/0/url must not hold a query'],
    [[{ url: 'https://{x}.a' }], '/servers/0/variables/x has no default'],
    [[{ url: 'https://{constructor}.a' }], '/servers/0/variables/constructor has no default'],
  ])('of %j is %s', (servers, expected) => {
    expect(urlOf(servers)).toContain(expected)
  })
})
