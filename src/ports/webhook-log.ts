/** A delivery to be recorded. */
export interface NewDelivery {
  readonly id: string
  readonly organizationId: string | null
  readonly endpointId: string
  readonly eventId: string
  readonly type: string
  readonly recordId: string
  readonly seq: number
  readonly body: string
}

/** Who hears of events, as the recording of deliveries needs to know it. */
export interface Listener {
  readonly id: string
  readonly organizationId: string | null
  readonly events: unknown
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A delivery whose time has come. */
export interface DueDelivery {
  readonly id: string
  readonly eventId: string
  readonly type: string
  readonly recordId: string
  readonly seq: number
  readonly body: string
  /** Attempts since it was last asked for. */
  readonly tries: number
}

/** How an attempt went. */
export interface AttemptNote {
  readonly id: string
  readonly at: number
  readonly durationMs: number
  readonly status: number | undefined
  /** Undefined where it was delivered. */
  readonly error: string | undefined
  /** Undefined where nothing more is tried. */
  readonly nextAttemptAt: number | undefined
}

/** The log of deliveries, in the database. Times are milliseconds UTC. */
export interface WebhookLog {
  /** The endpoints of these organizations and those of the platform, whatever their status. */
  listeners(organizationIds: readonly string[]): Promise<readonly Listener[]>
  /** Notes deliveries, due now; one of an event that the endpoint has already is left as it is. */
  add(deliveries: readonly NewDelivery[], now: number): Promise<void>
  /** Forgets everything about an endpoint. */
  forgetEndpoint(endpointId: string): Promise<void>
  /** Makes what failed for good since a time due again. */
  replayFailed(endpointId: string, since: string, now: number): Promise<void>
  /** Active endpoints with something that is due, by their ids, those after one. */
  dueEndpoints(now: number, after: string, limit: number): Promise<readonly string[]>
  /** Deliveries that are due at an endpoint, of each record the earliest that is not done; none when nothing can be sent now. */
  due(endpointId: string, now: number, limit: number): Promise<readonly DueDelivery[]>
  /** Notes an attempt, unless the delivery is not pending any more. */
  note(attempt: AttemptNote): Promise<void>
  /** Deletes deliveries from before a time, some at a call; answers how many. */
  prune(before: number): Promise<number>
}
