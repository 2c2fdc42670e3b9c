/** The time, as milliseconds since the epoch, UTC. */
export interface Clock {
  now(): number
}
