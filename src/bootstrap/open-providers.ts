import { setTimeout as wait } from 'node:timers/promises'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import { createAuthenticateOperator } from '#app/identity/authenticate-operator.ts'
import { type CallCapability, createCallCapability } from '#app/providers/call-capability.ts'
import { createManageProviders, type ManageProviders } from '#app/providers/manage-providers.ts'
import { createTellOperators, createWantsNotice, type TellOperators } from '#app/providers/tell-operators.ts'
import type { ProbeProvider } from '#app/providers/watch-outages.ts'
import { createSetSetting } from '#app/settings/set-setting.ts'
import { auditActorOf } from '#contract/audit.ts'
import type { Engine } from '#core/engine.ts'
import { createCallAction } from '#core/provider/call-action.ts'
import type { Capability } from '#core/provider/capability.ts'
import { createCatalogue } from '#core/provider/catalogue.ts'
import { checkProviders } from '#core/provider/check-providers.ts'
import { createCapabilities } from '#core/provider/create-capabilities.ts'
import type { ProviderDefinition } from '#core/provider/definition.ts'
import { createProviderInstances } from '#core/provider/instances.ts'
import { loadCapabilities } from '#core/provider/load-capabilities.ts'
import { openInstance } from '#core/provider/open-instance.ts'
import { createProviderHealth } from '#core/provider/provider-health.ts'
import { resolveProvider } from '#core/provider/resolve.ts'
import { createProviderState, type ProviderState } from '#core/provider/state.ts'
import type { Module } from '#core/schema/module.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { ProviderCatalogue } from '#ports/capability/catalogue.ts'
import type { OpenProviderCode } from '#ports/capability/provider.ts'
import type { ProviderWatch } from '#ports/capability/provider-watch.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { Row } from '#ports/records.ts'
import type { Config } from './config.ts'
import { loadProviderCode, providerCode } from './provider-code.ts'

export type { CapabilityCall } from '#app/providers/call-capability.ts'

/** The capabilities and providers that the YAML describes, checked. */
export interface LoadedProviders {
  readonly capabilities: ReadonlyMap<string, Capability>
  readonly providers: ReadonlyMap<string, ProviderDefinition>
  /** Code that users' YAML names. */
  readonly code: ReadonlyMap<string, OpenProviderCode>
}

/** The outside services of an instance. */
export interface Providers {
  readonly capabilities: Capabilities
  /** What the YAML says that they can do. */
  readonly known: ReadonlyMap<string, Capability>
  /** A call by hand. */
  readonly callAs: CallCapability
  readonly catalogue: ProviderCatalogue
  readonly manage: ManageProviders
  /** Tells the operators something through whoever notifies them. */
  readonly tell: TellOperators
  /** How a provider is that failed. */
  readonly probe: ProbeProvider
  /** Says who hears how calls end. */
  watchBy(watch: ProviderWatch): void
  /** Closes what is open, after its running calls. */
  close(): Promise<void>
}

/** Reads the capabilities and finds the providers among the modules; a mistake in any of them stops the start. */
export async function loadProviders(
  config: Pick<Config, 'capabilityDirectories'>,
  modules: ReadonlyMap<string, Module>,
): Promise<LoadedProviders> {
  const capabilities = await loadCapabilities(config.capabilityDirectories)
  const providers = await checkProviders(modules, capabilities, new Set(Object.keys(providerCode)))
  return { capabilities, providers, code: await loadProviderCode(providers) }
}

/** The fields that anybody may see who may see the record at all. */
function shownFields(module: Module | undefined): ReadonlySet<string> | undefined {
  if (module === undefined) return undefined
  const shown = [...module.fields.values()].filter(
    ({ type, isInternal, isWriteOnly }) => type.name !== 'secret' && !isInternal && !isWriteOnly,
  )
  return new Set(shown.map(({ name }) => name))
}

async function loadState(engine: Engine, providers: LoadedProviders['providers']): Promise<ProviderState> {
  const settings = new Map<string, string>()
  for await (const { key, value, secret_value: secret } of engine.records.each('setting'))
    settings.set(key, secret ?? value)
  const records = new Map<string, readonly Row[]>()
  for (const name of providers.keys()) {
    const rows: Row[] = []
    // The modules of providers may be a user's: their rows have no type of their own.
    for await (const row of engine.records.each(name as 'setting')) rows.push(row as unknown as Row)
    records.set(name, rows)
  }
  return { settings, records }
}

/** Makes the capabilities of an instance callable. */
export function openProviders(deps: {
  readonly config: Pick<Config, 'environment' | 'providerEnvironment' | 'dataDirectory'>
  readonly loaded: LoadedProviders
  readonly engine: Engine
  readonly database: Pick<OpenDatabase, 'db' | 'dialect'>
  readonly tokenDigest: TokenDigest
  readonly passwordHash: PasswordHash
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}): Providers {
  const { config, loaded, engine, clock, ids, log } = deps
  const { capabilities: known, providers } = loaded
  const http = createOutboundHttp()
  const facts = {
    providers,
    environment: config.providerEnvironment,
    isProduction: config.environment === 'production',
  }
  const state = createProviderState({
    load: () => loadState(engine, providers),
    lastSeq: engine.lastSeq,
    eventsSince: engine.eventsSince,
    concerns: (module) => module === 'setting' || providers.has(module),
    clock,
  })
  engine.onCommit(state.follow)
  const authenticate = createAuthenticateOperator({
    records: engine.records,
    tokenDigest: deps.tokenDigest,
    clock,
  })
  const parts = {
    records: engine.records,
    invoke: engine.invoke,
    db: deps.database.db,
    dialect: deps.database.dialect,
    dataDirectory: config.dataDirectory,
    fieldsOf: (module: string) => shownFields(engine.modules.get(module)),
    passwordHash: deps.passwordHash,
    wantsNotice: createWantsNotice(engine.records),
    subjectOfSession: async (raw: string) => {
      const known = await authenticate({ kind: 'session', raw })
      return known.ok ? known.value.actor : undefined
    },
  }
  const codeOf = async (name: string): Promise<OpenProviderCode | undefined> =>
    loaded.code.get(name) ?? providerCode[name]?.(parts)
  const instances = createProviderInstances({
    log,
    open: (resolved) =>
      openInstance(
        {
          consume: {
            http,
            clock,
            log,
            environment: config.providerEnvironment,
            wait: async (ms, signal) =>
              void (await wait(ms, undefined, signal === undefined ? {} : { signal })),
            chance: Math.random,
            newKey: () => ids.next('idk'),
          },
          host: { clock, ids, log, http },
          capabilities: () => capabilities,
          codeOf: ({ provider }) => codeOf(provider.name),
        },
        resolved,
      ),
  })
  let watcher: ProviderWatch | undefined
  const watch: ProviderWatch = {
    failed: async (one, reason) => watcher?.failed(one, reason),
    worked: async (one) => watcher?.worked(one),
  }
  const callAction = createCallAction({ capabilities: known.values(), instances, log, watch })
  const capabilities = createCapabilities({
    capabilities: known,
    modules: engine.modules,
    facts,
    state,
    callAction,
  })
  const health = createProviderHealth({ instances, clock })
  const catalogue = createCatalogue({ capabilities: known, facts, state, health, watch })
  const setSetting = createSetSetting({ records: engine.records, invoke: engine.invoke })
  const note: Parameters<typeof createCallCapability>[0]['note'] = ({ actor, requestId, action, provider }) =>
    engine.audit.note({
      actor: auditActorOf(actor),
      requestId,
      action: 'provider.call',
      outcome: 'asked',
      details: { capability_action: action, provider },
    })
  return {
    capabilities,
    known,
    callAs: createCallCapability({ capabilities, note }),
    catalogue,
    tell: createTellOperators({ records: engine.records, capabilities, log }),
    manage: createManageProviders({ catalogue, setSetting, invoke: engine.invoke }),
    async probe({ capability: name, provider }) {
      const capability = known.get(name)
      if (capability === undefined) return 'gone'
      const resolved = resolveProvider(capability, { provider }, await state.current(), facts)
      if (!resolved.ok) return 'unknown'
      const { status, isTested } = await health.check(resolved.value, 0)
      if (status === 'unavailable') return 'unavailable'
      return status !== 'connected' ? 'gone' : isTested ? 'connected' : 'unknown'
    },
    watchBy(next) {
      watcher = next
    },
    close: instances.close,
  }
}
