import type { Paper } from '#domain/billing/paper.ts'

/** Prints a document as PDF: the same document is the same bytes. Fails as `service_unavailable` where it takes absurdly long. */
export type PrintPaper = (paper: Paper) => Promise<Uint8Array<ArrayBuffer>>
