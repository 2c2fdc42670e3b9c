import type { ControlHandler } from '#gateway/server.ts'
import type { MetricsReport } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'

/** The data plane with its listening socket, on one thread or on several. */
export interface Traffic {
  /** Begins to answer, and tells the port; `control` answers its own paths where it shares that port. */
  listen(port: number, control: ControlHandler | undefined): Promise<number>
  /** Requests that are answered now. */
  active(): number
  /** False while usage cannot be recorded, or not every part answers. */
  isReady(): Promise<boolean>
  /** Upstreams and their targets as the data plane sees them. */
  upstreams(): Promise<readonly UpstreamStatus[]>
  /** What the whole instance has counted. */
  readonly report: MetricsReport
  /** Answers what is under way and takes nothing new; then everything of it that is left is cut, and the journal closed. */
  close(deadlineMs: number): Promise<void>
}
