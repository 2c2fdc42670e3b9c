/** All of an answer that is kept but its body. */
export interface StoredHead {
  readonly status: number
  readonly reason: string
  /** Flat list of fields, as they came. */
  readonly headers: readonly string[]
  /** The request fields that it was chosen by, and their values then. */
  readonly vary: readonly (readonly [name: string, value: string])[]
  readonly lifetimeMs: number
  /** When it would have been made if it had been made without an age. */
  readonly bornAtMs: number
  readonly isForAnyone: boolean
}

/** An answer that is kept. */
export interface StoredAnswer extends StoredHead {
  readonly body: Buffer
}

/** Where an answer belongs: what all requests that may get it have in common. */
export interface Place {
  readonly routeId: string
  /** What the route and its upstream were when the request came. */
  readonly revision: string
  /** The resource at the upstream, for any route that leads to it. */
  readonly resource: string
  /** Whose answers these are, and by which address they were asked for. */
  readonly scope: string
}

/** An answer on its way, that may be kept when it is complete. */
export interface Candidate {
  /** Keeps the answer, unless the resource or the route changed in the meantime or there is no room: true when it is kept. */
  keep(answer: StoredAnswer): boolean
  /** There will be none. */
  drop(): void
}

/** The kept answers of one process, bounded in bytes; the least recently used go first. */
export interface StoredAnswers {
  find(place: Place, requestHeader: (name: string) => string | undefined): StoredAnswer | undefined
  candidate(place: Place): Candidate
  /** Forgets all answers about a resource, those on their way too. */
  forget(resource: string): void
  /** Forgets the answers of routes that are not as they were. */
  follow(revisions: ReadonlyMap<string, string>): void
  readonly bytes: number
}

interface Slot {
  readonly place: Place
  readonly key: string
  answers: readonly StoredAnswer[]
  bytes: number
}

const mostVariants = 16
const overheadBytes = 512

/** Tells places apart. */
export const keyOf = ({ routeId, scope, resource }: Place): string => `${routeId}\0${scope}\0${resource}`

/** Whether an answer was chosen by the same request fields. */
export const isChosen = ({ vary }: StoredHead, header: (name: string) => string | undefined): boolean =>
  vary.every(([name, value]) => (header(name) ?? '') === value)

/** Creates the store of one process. */
export function createStoredAnswers(mostBytes: number): StoredAnswers {
  // In the order of their last use.
  const slots = new Map<string, Slot>()
  const ofResource = new Map<string, Set<Slot>>()
  const underWay = new Map<string, Set<object>>()
  let revisions: ReadonlyMap<string, string> = new Map()
  let bytes = 0

  function remove(slot: Slot): void {
    slots.delete(slot.key)
    bytes -= slot.bytes
    removeFrom(ofResource, slot.place.resource, slot)
  }

  function add(place: Place, answer: StoredAnswer): void {
    const key = keyOf(place)
    const before = slots.get(key)
    if (before !== undefined) remove(before)
    const others = before?.answers.filter((other) => !isSameVariant(other, answer)) ?? []
    const answers = [answer, ...others].slice(0, mostVariants)
    const slot = { place, key, answers, bytes: answers.reduce((sum, one) => sum + costOf(one, key), 0) }
    slots.set(key, slot)
    addTo(ofResource, place.resource, slot)
    bytes += slot.bytes
    for (const oldest of slots.values()) {
      if (bytes <= mostBytes) break
      remove(oldest)
    }
  }

  return {
    find(place, requestHeader) {
      const slot = slots.get(keyOf(place))
      const found = slot?.answers.find((answer) => isChosen(answer, requestHeader))
      if (slot === undefined || found === undefined || slot.place.revision !== place.revision)
        return undefined
      slots.delete(slot.key)
      slots.set(slot.key, slot)
      return found
    },
    candidate(place) {
      const token = {}
      addTo(underWay, place.resource, token)
      const isStill = (): boolean => underWay.get(place.resource)?.has(token) === true
      return {
        keep(answer) {
          const mayKeep = isStill() && revisions.get(place.routeId) === place.revision
          if (mayKeep) add(place, answer)
          removeFrom(underWay, place.resource, token)
          return mayKeep && slots.get(keyOf(place))?.answers[0] === answer
        },
        drop: () => removeFrom(underWay, place.resource, token),
      }
    },
    forget(resource) {
      for (const slot of ofResource.get(resource) ?? []) remove(slot)
      underWay.delete(resource)
    },
    follow(next) {
      revisions = next
      for (const slot of slots.values())
        if (next.get(slot.place.routeId) !== slot.place.revision) remove(slot)
    },
    get bytes() {
      return bytes
    },
  }
}

function isSameVariant(one: StoredAnswer, other: StoredAnswer): boolean {
  const values = new Map(other.vary)
  return one.vary.length === values.size && isChosen(one, (name) => values.get(name))
}

function costOf({ body, headers, vary }: StoredAnswer, key: string): number {
  let characters = 2 * key.length
  for (const text of headers) characters += text.length
  for (const [name, value] of vary) characters += name.length + value.length
  return body.length + 2 * characters + overheadBytes
}

function addTo<T>(index: Map<string, Set<T>>, key: string, value: T): void {
  const values = index.get(key)
  if (values === undefined) index.set(key, new Set([value]))
  else values.add(value)
}

function removeFrom<T>(index: Map<string, Set<T>>, key: string, value: T): void {
  const values = index.get(key)
  if (values?.delete(value) === true && values.size === 0) index.delete(key)
}
