import type { AuthenticateOperator } from '#app/identity/authenticate-operator.ts'
import type { RequestOrigin } from '#contract/audit.ts'
import type { RecordDependencies } from '#core/channel/http/record-handlers.ts'
import type { McpDependencies } from '#core/channel/mcp/create-mcp.ts'
import type { ServedCertificate } from '#ports/certificates.ts'
import type { Metrics, MetricsReport } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import type { AlertDependencies } from './account/alert-handlers.ts'
import type { PlanDependencies } from './account/plan-handlers.ts'
import type { AccountDependencies } from './account/sign-in-handlers.ts'
import type { AdminDependencies } from './admin.ts'
import type { AuditDependencies } from './audit/audit-handlers.ts'
import type { BillingDeskDependencies } from './billing/billing-handlers.ts'
import type { ExportHandlerDependencies } from './billing/export-handlers.ts'
import type { LedgerDeskDependencies } from './billing/ledger-handlers.ts'
import type { OwnBillingDependencies } from './billing/own-billing-handlers.ts'
import type { PaperDependencies } from './billing/paper-handlers.ts'
import type { CrossOrigin } from './cross-origin.ts'
import type { DeclaredDependencies } from './declared-handlers.ts'
import type { EmailDependencies } from './email-handlers.ts'
import type { ExchangeDependencies } from './exchange.ts'
import type { Health } from './health.ts'
import type { JobDependencies } from './job-handlers.ts'
import type { LiveDependencies } from './live/live.ts'
import type { OperatorFactorDependencies } from './operator-factor-handlers.ts'
import type { SiteDependencies } from './pages/site-handlers.ts'
import type { DummyPageDependencies } from './payments/dummy-page-handlers.ts'
import type { MethodHandlerDependencies } from './payments/method-handlers.ts'
import type { PaymentHandlerDependencies } from './payments/payment-handlers.ts'
import type { ProviderDependencies } from './provider-handlers.ts'
import type { ReconcileDependencies } from './reconcile-handlers.ts'
import type { RequestGate } from './request-gate.ts'
import type { RouteToolsDependencies } from './route-tools-handlers.ts'
import type { SetupDependencies } from './setup/setup-handler.ts'
import type { ProviderStatus } from './status-handlers.ts'
import type { SyncDependencies } from './sync-handlers.ts'
import type { TestClockDependencies } from './test-clock-handlers.ts'
import type { UsageSeriesDependencies } from './usage-series-handlers.ts'

/** Everything the control plane is made of. */
export interface ControlPlaneDependencies
  extends RecordDependencies,
    Omit<AdminDependencies, 'metrics'>,
    OperatorFactorDependencies,
    Omit<AccountDependencies, 'metrics'>,
    RouteToolsDependencies,
    PlanDependencies,
    ProviderDependencies,
    Pick<McpDependencies, 'services'>,
    JobDependencies,
    PaymentHandlerDependencies,
    MethodHandlerDependencies,
    DummyPageDependencies,
    ReconcileDependencies,
    SyncDependencies,
    EmailDependencies,
    DeclaredDependencies,
    LiveDependencies,
    AuditDependencies,
    BillingDeskDependencies,
    LedgerDeskDependencies,
    OwnBillingDependencies,
    PaperDependencies,
    ExportHandlerDependencies,
    Pick<AlertDependencies, 'alertProgress'>,
    SetupDependencies,
    SiteDependencies,
    TestClockDependencies,
    UsageSeriesDependencies,
    Omit<ExchangeDependencies, 'metrics'> {
  readonly authenticate: AuthenticateOperator
  /** How much one sender may ask. */
  readonly gate: RequestGate
  /** Pages elsewhere that may ask. */
  readonly crossOrigin: CrossOrigin
  /** Lets everything that is done for a request know where it comes from. */
  readonly withOrigin: <T>(origin: RequestOrigin, work: () => T) => T
  /** Of the product. */
  readonly version: string
  readonly metrics: Metrics & MetricsReport
  readonly health: Health
  /** Setting: anyone may scrape `/metrics`. */
  readonly isMetricsPublic: () => boolean
  readonly providers: () => Promise<Readonly<Record<string, ProviderStatus>>>
  /** Upstreams and their targets, as the gateway sees them. */
  readonly upstreams: () => Promise<readonly UpstreamStatus[]>
  /** What the HTTPS ports serve; none where they speak HTTP. */
  readonly certificates: () => readonly ServedCertificate[]
}
