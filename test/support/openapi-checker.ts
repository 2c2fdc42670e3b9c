import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents freely
type Document = any

/** Says what of an answer a document does not promise: nothing, or sentences. */
export interface AnswerChecker {
  /** `path` as the document writes it. */
  problemsOf(answer: {
    method: string
    path: string
    status: number
    headers: Headers
    body: unknown
  }): readonly string[]
  /** Whether a request body is one that the document allows. */
  bodyProblems(method: string, path: string, body: unknown): readonly string[]
}

/** The same schemas without room for members that they do not name, so that what is shown but not described is found. */
function closed(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item, isPart))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, closed(item, key === 'allOf')] as const)
  const isWhole = 'allOf' in value || '$ref' in value || ('properties' in value && 'type' in value)
  return Object.fromEntries(isWhole && !isPart ? [...entries, ['unevaluatedProperties', false]] : entries)
}

/** The document with the answers closed; parts that are put together elsewhere stay open. */
function closedDocument(document: Document): Document {
  const { schemas, ...components } = document.components
  return { ...(closed(document) as object), components: { ...(closed(components) as object), schemas } }
}

/** Checks answers against a document; every schema of it is compiled, and a wrong one throws. */
export function createAnswerChecker(document: Document): AnswerChecker {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(formats as unknown as (target: Ajv2020) => void)(ajv)
  ajv.addSchema({ $id: 'document', ...closedDocument(document) })
  const compiled = new Map<string, ValidateFunction>()
  const validatorAt = (pointer: string): ValidateFunction => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` })
    compiled.set(pointer, known)
    return known
  }
  const escaped = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1')
  const resolved = (pointer: string): string => {
    let at = document
    for (const step of pointer.split('/').slice(1))
      at = at?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
    return typeof at?.$ref === 'string' ? resolved(at.$ref.slice(1)) : pointer
  }
  const at = (pointer: string): Document => {
    let found = document
    for (const step of pointer.split('/').slice(1))
      found = found?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
    return found
  }
  const problems = (pointer: string, value: unknown): string[] => {
    const validate = validatorAt(pointer.split('/').map(encodeURIComponent).join('/'))
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
  const operationAt = (method: string, path: string): string =>
    `/paths/${escaped(path)}/${method.toLowerCase()}`

  return {
    problemsOf({ method, path, status, headers, body }) {
      const operation = operationAt(method, path)
      if (at(operation) === undefined) return [`${method} ${path} is not described`]
      const response = resolved(`${operation}/responses/${status}`)
      const described = at(response)
      if (described === undefined) return [`${method} ${path} answers ${status}, which is not described`]
      const missing = Object.keys(described.headers ?? {}).filter(
        (name) =>
          !['idempotent-replayed', 'retry-after', 'set-cookie'].includes(name.toLowerCase()) &&
          !headers.has(name),
      )
      const type = (headers.get('content-type') ?? '').split(';')[0] ?? ''
      const content = described.content?.[type]
      const found = missing.map((name) => `the header ${name} is missing`)
      if (described.content === undefined)
        return type === '' ? found : [...found, `answers ${type}, which is not described`]
      if (content === undefined) return [...found, `answers ${type}, which is not described`]
      return [...found, ...problems(`${response}/content/${escaped(type)}/schema`, body)]
    },
    bodyProblems(method, path, body) {
      const operation = operationAt(method, path)
      return problems(`${operation}/requestBody/content/application~1json/schema`, body)
    },
  }
}
