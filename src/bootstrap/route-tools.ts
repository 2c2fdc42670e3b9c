import { createTestRoute, type TestRoute } from '#app/access/test-route.ts'
import { createImportOpenApi, type ImportRequest } from '#app/catalogue/import-openapi/import-openapi.ts'
import type { ImportReport } from '#app/catalogue/import-openapi/report.ts'
import type { Outcome } from '#contract/outcome.ts'
import { readDocument } from '#core/document/read-document.ts'
import { createPreviewRequest } from '#gateway/preview-request.ts'
import type { House } from './open-house.ts'

/** Importing routes from a document and thinking requests through, for the doors of a house. */
export interface RouteTools {
  /** `text` is an OpenAPI document, JSON or YAML. */
  importRoutes(
    request: Omit<ImportRequest, 'source'> & { readonly text: string },
  ): Promise<Outcome<ImportReport>>
  readonly testRoute: TestRoute
}

/** The route tools of a house. */
export function createRouteTools({
  engine,
  tokenDigest,
  clock,
  expressions,
  validators,
}: Pick<House, 'engine' | 'tokenDigest' | 'clock' | 'expressions' | 'validators'>): RouteTools {
  const { records, invokeAll } = engine
  const importOpenApi = createImportOpenApi({
    records,
    invokeAll,
    validators,
  })
  return {
    async importRoutes({ text, ...request }) {
      const source = await readDocument(text)
      return source.ok ? importOpenApi({ ...request, source: source.value }) : source
    },
    testRoute: createTestRoute({
      records,
      expressions,
      validators,
      tokenDigest,
      preview: createPreviewRequest({ tokenDigest, clock }),
    }),
  }
}
