import type { OpenApiDocument, Operation } from './read-document.ts'
import { requestSchemas } from './request-schemas.ts'
import { type RoutePath, routePathOf } from './route-path.ts'
import type { Findings } from './source.ts'

/** What the one who imports decides. */
export interface ImportChoices {
  /** The upstream's name; by default the document's title. */
  readonly upstream?: string
  /** Where requests go; by default the document's first server. */
  readonly baseUrl?: string
  /** What stands before every path at the gateway; empty is nothing. */
  readonly prefix: string
  /** Whether paths whose every operation declares `security: []` become public; otherwise every new route needs a key. */
  readonly isPublicFromSecurity: boolean
  /** Whether routes get the schemas of their request bodies. */
  readonly isValidated: boolean
}

/** The fields of a route that an import decides and keeps true to the document. */
export interface WantedFields extends RoutePath {
  readonly methods: readonly string[]
  readonly auth_required?: boolean
  /** Method to what its JSON body must be; null where no operation says. */
  readonly request_schema?: Readonly<Record<string, unknown>> | null
}

/** A route that the document asks for. */
export interface WantedRoute {
  /** The path as the document writes it. */
  readonly path: string
  readonly operationIds: readonly (string | undefined)[]
  readonly description: string
  readonly fields: WantedFields
}

/** One route for each path. What cannot be a route is noted as a problem. */
export function wantedRoutes(
  document: OpenApiDocument,
  choices: Pick<ImportChoices, 'prefix' | 'isPublicFromSecurity' | 'isValidated'>,
  findings: Findings,
): readonly WantedRoute[] {
  return document.paths.flatMap(({ path, steps, operations }) => {
    const found = routePathOf(path, choices.prefix)
    if (!found.ok) {
      findings.problems.push({ steps, reason: found.message })
      return []
    }
    const isOpen = operations.every((operation) => operation.isOpen)
    if (choices.isPublicFromSecurity && !isOpen && operations.some((operation) => operation.isOpen))
      findings.notes.push({
        steps,
        reason: 'needs credentials for some methods only; its route needs a key for all',
      })
    const fields: WantedFields = {
      ...found.value,
      methods: operations.map(({ method }) => method),
      ...(choices.isPublicFromSecurity ? { auth_required: !isOpen } : {}),
      ...(choices.isValidated ? { request_schema: requestSchemas(document, operations, findings) } : {}),
    }
    const operationIds = operations.map(({ operationId }) => operationId)
    return [{ path, operationIds, description: descriptionOf(operations), fields }]
  })
}

const descriptionOf = (operations: readonly Operation[]): string =>
  operations
    .flatMap(({ summary }) => (summary === undefined ? [] : [summary.trim()]))
    .join('; ')
    .slice(0, 500)
