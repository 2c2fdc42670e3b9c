import { onTestFinished } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { type House, openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import type { Log } from '#ports/log.ts'
import type { AtTheEnd } from './at-the-end.ts'
import type { FrozenClock } from './frozen-clock.ts'
import { frozenClock } from './frozen-clock.ts'
import { temporaryFolder } from './module-folder.ts'

/** An open instance without servers, for calling its capabilities. */
export interface ProviderHouse {
  readonly house: House
  readonly clock: FrozenClock
  readonly dataDirectory: string
  readonly lines: string[]
  /** Writes a setting, or changes it. */
  set(key: string, value: string): Promise<void>
  /** Makes a record and answers it; throws when it is refused. */
  create(module: string, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

const write =
  (lines: string[]) =>
  (fields: object, message: string): void =>
    void lines.push(
      `${message} ${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? `${value.name} ${value.message}` : value))}`,
    )

/** Opens an instance on a temporary directory, closed `atTheEnd`, mostly of the test; `lines` is everything that went to the log. */
export async function providerHouse(
  parts: {
    env?: Record<string, string>
    modules?: string
    dataDirectory?: string
    clock?: FrozenClock
    atTheEnd?: AtTheEnd
  } = {},
): Promise<ProviderHouse> {
  const atTheEnd = parts.atTheEnd ?? onTestFinished
  const dataDirectory = parts.dataDirectory ?? temporaryFolder(atTheEnd)
  const clock = parts.clock ?? frozenClock()
  const lines: string[] = []
  const tell = write(lines)
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell }
  const overrides = {
    dataDirectory,
    ...(parts.modules === undefined ? {} : { moduleDirectory: parts.modules }),
  }
  const config = readConfig(parts.env ?? {}, overrides)
  if (!config.ok) throw new Error(config.message)
  const house = await openHouse(config.value, { clock, log })
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await house.close()
    isOpen = false
  }
  atTheEnd(close)
  const invoke = async (module: string, action: string, input: object, id?: string) => {
    const outcome = await house.engine.invoke({
      module,
      action,
      input: { ...input },
      actor: systemActor,
      requestId: 'req_test',
      ...(id === undefined ? {} : { id }),
    })
    if (!outcome.ok) throw new Error(outcome.message)
    return outcome.value.row
  }
  return {
    house,
    clock,
    dataDirectory,
    lines,
    async set(key, value) {
      const known = await house.engine.records.getBy('setting', 'key', key)
      if (known === undefined) await invoke('setting', 'create', { key, value })
      else await invoke('setting', 'update', { value }, known.id)
    },
    create: (module, input) => invoke(module, 'create', input),
    close,
  }
}
