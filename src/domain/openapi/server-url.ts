import { addressProblem } from '../upstream/targets.ts'
import { type DocumentMap, type Findings, isMap } from './source.ts'

/** The first server's URL with the defaults of its variables; undefined after a problem was noted. */
export function serverUrl(root: DocumentMap, { problems }: Findings): string | undefined {
  const { servers } = root
  const first = Array.isArray(servers) ? (servers[0] as unknown) : undefined
  const missing = 'names no server: add one, or give the address of the API as base URL'
  if (first === undefined) {
    problems.push({ steps: servers === undefined ? [] : ['servers'], reason: missing })
    return undefined
  }
  const steps = ['servers', 0, 'url']
  const template = isMap(first) ? first['url'] : undefined
  if (typeof template !== 'string') {
    problems.push({ steps, reason: 'is missing' })
    return undefined
  }
  const variables = isMap(first) && isMap(first['variables']) ? first['variables'] : {}
  let isComplete = true
  const url = template.replace(/\{([^{}]*)\}/g, (_whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined
    const value = isMap(variable) ? variable['default'] : undefined
    if (typeof value === 'string') return value
    isComplete = false
    problems.push({ steps: ['servers', 0, 'variables', name], reason: 'has no default' })
    return ''
  })
  if (!isComplete) return undefined
  const reason = baseUrlProblem(url)
  if (reason === undefined) return url.replace(/\/+$/, '')
  problems.push({ steps, reason: `${reason}: ${url}` })
  return undefined
}

/** Why a text cannot be where requests go, or undefined. */
export function baseUrlProblem(text: string): string | undefined {
  if (text.startsWith('/') || text.startsWith('.'))
    return 'is relative to where the document is served; give the address of the API as base URL'
  return addressProblem(text)
}
