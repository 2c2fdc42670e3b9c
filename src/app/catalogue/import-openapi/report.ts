import type { ImportState, PlannedRoute, PlannedUpstream } from '#domain/openapi/plan-import.ts'
import type { OpenApiDocument } from '#domain/openapi/read-document.ts'
import type { DocumentSource, Finding } from '#domain/openapi/source.ts'
import { type Found, found } from './findings.ts'
import { upstreamKey } from './writes.ts'

/** What an import did, or would do; plain data, ready for JSON. */
export interface ImportReport {
  readonly dry_run: boolean
  readonly document: { readonly title: string; readonly version: string | null }
  readonly upstream: {
    readonly state: ImportState
    readonly id: string | null
    readonly name: string
    readonly base_url: string
  }
  readonly routes: readonly ReportedRoute[]
  readonly counts: Readonly<Record<ImportState, number>>
  /** What was left out, with its place in the document. */
  readonly notes: readonly Found[]
}

interface ReportedRoute {
  readonly state: ImportState
  /** null of what a dry run would make. */
  readonly id: string | null
  readonly name: string
  /** The path as the document writes it; null of what the document no longer has. */
  readonly path: string | null
  readonly methods: readonly string[]
  readonly match_type: string
  readonly path_pattern: string
  readonly path_rewrite: string | null
  readonly auth_required: boolean
  /** Fields that were not as the document asks. */
  readonly changes: readonly string[]
}

/** The report of an import; `ids` has the ids of what was written, by key. */
export function importReport(facts: {
  readonly isDryRun: boolean
  readonly source: DocumentSource
  readonly document: OpenApiDocument
  readonly upstream: PlannedUpstream
  readonly routes: readonly PlannedRoute[]
  readonly notes: readonly Finding[]
  readonly ids: ReadonlyMap<string, string>
}): ImportReport {
  const { document, upstream, ids } = facts
  const counts = { new: 0, changed: 0, unchanged: 0, obsolete: 0 }
  for (const { state } of facts.routes) counts[state] += 1
  return {
    dry_run: facts.isDryRun,
    document: { title: document.title, version: document.version ?? null },
    upstream: {
      state: upstream.state,
      id: upstream.id ?? ids.get(upstreamKey) ?? null,
      name: upstream.name,
      base_url: upstream.baseUrl,
    },
    routes: facts.routes.map((route) => reported(route, ids)),
    counts,
    notes: facts.notes.map((note) => found(facts.source, note)),
  }
}

function reported(route: PlannedRoute, ids: ReadonlyMap<string, string>): ReportedRoute {
  const { state, name, id, wanted, differences, row } = route
  const shown = wanted?.fields ?? row
  const methods = shown?.methods
  return {
    state,
    id: id ?? ids.get(name) ?? null,
    name,
    path: wanted?.path ?? null,
    methods: Array.isArray(methods) ? methods.map(String) : [],
    match_type: shown?.match_type ?? '',
    path_pattern: shown?.path_pattern ?? '',
    path_rewrite: shown?.path_rewrite ?? null,
    auth_required: wanted?.fields.auth_required ?? row?.auth_required ?? true,
    changes: differences,
  }
}
