import type { FieldProblem } from '#contract/outcome.ts'

/** One of the addresses that an upstream is served from. */
export interface Target {
  /** Its place in the list that the operator wrote, for labels that stay the same when another one is switched off. */
  readonly index: number
  readonly url: string
  readonly weight: number
}

/** A list of targets as written, judged: those that are switched on, or every problem with the element at fault. */
export type JudgedTargets =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

const mostTargets = 64
const mostWeight = 1_000
const known: ReadonlySet<string> = new Set(['url', 'weight', 'enabled'])

/** Why a text is no address to forward to; undefined when it is one. */
export function addressProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL, for example https://api.example.com/v1'
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not hold credentials; use auth_type'
  if (url.search !== '' || url.hash !== '') return 'must not hold a query or fragment'
  return undefined
}

/** Judges a stored or given list of targets. Nothing, or an empty list, is a list without targets. */
export function judgeTargets(value: unknown): JudgedTargets {
  if (value === null || value === undefined) return { ok: true, targets: [] }
  const refused = (reason: string): JudgedTargets => ({
    ok: false,
    problems: [{ field: 'targets', reason }],
  })
  if (!Array.isArray(value)) return refused('must be a list, for example [{"url": "https://a.example.com"}]')
  if (value.length > mostTargets) return refused(`must not have more than ${mostTargets} elements`)
  const problems = value.flatMap((element, index) => elementProblems(element, `targets[${index}]`))
  if (problems.length > 0) return { ok: false, problems }
  const targets = value.flatMap((element: { url: string; weight?: number; enabled?: boolean }, index) =>
    element.enabled === false ? [] : [{ index, url: element.url, weight: element.weight ?? 1 }],
  )
  if (value.length > 0 && targets.length === 0) return refused('must have an element that is enabled')
  const twice = value.findIndex(({ url }, at) => value.findIndex((other) => isSame(other.url, url)) < at)
  if (twice === -1) return { ok: true, targets }
  return { ok: false, problems: [{ field: `targets[${twice}].url`, reason: 'is in the list already' }] }
}

const isSame = (one: string, other: string): boolean =>
  new URL(one).href.replace(/\/$/, '') === new URL(other).href.replace(/\/$/, '')

function elementProblems(element: unknown, field: string): FieldProblem[] {
  if (typeof element !== 'object' || element === null || Array.isArray(element))
    return [{ field, reason: 'must be an object with a url' }]
  const { url, weight, enabled } = element as Readonly<Record<string, unknown>>
  const problems: FieldProblem[] = []
  for (const name of Object.keys(element))
    if (!known.has(name))
      problems.push({
        field: `${field}.${name}`,
        reason: 'is not known; a target has url, weight and enabled',
      })
  const urlProblem = typeof url === 'string' ? addressProblem(url) : 'is required, as a string'
  if (urlProblem !== undefined) problems.push({ field: `${field}.url`, reason: urlProblem })
  if (weight !== undefined && !isWeight(weight))
    problems.push({ field: `${field}.weight`, reason: `must be a whole number from 1 to ${mostWeight}` })
  if (enabled !== undefined && typeof enabled !== 'boolean')
    problems.push({ field: `${field}.enabled`, reason: 'must be true or false' })
  return problems
}

const isWeight = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= mostWeight
