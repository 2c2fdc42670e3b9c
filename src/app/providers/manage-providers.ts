import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { ProviderCatalogue, ProviderTest, ProviderView } from '#ports/capability/catalogue.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { SetSetting } from '../settings/set-setting.ts'

/** Whose wish it is. */
interface Asked {
  readonly actor: Actor
  readonly requestId: string
}

/** What operators do with providers while the product runs; every process follows from its next call on. */
export interface ManageProviders {
  /**
   * Makes a provider the active one of a capability. Refused when it is unknown, disabled, not configured, or, unless `force` is given,
   * when its test fails.
   */
  switchTo(
    wish: Asked & { readonly capability: string; readonly provider: string; readonly force: boolean },
  ): Promise<Outcome<ProviderView>>
  /** Switches a provider, or one configuration of it (`sendgrid/marketing`), on or off. */
  setEnabled(
    wish: Asked & { readonly name: string; readonly isEnabled: boolean },
  ): Promise<Outcome<ProviderView>>
}

const failing = (capability: string, test: ProviderTest): Refusal =>
  refuse('service_unavailable', `${test.provider} does not work: ${test.error ?? test.status}`, {
    capability,
    provider: test.provider,
  })

/** Makes the management of providers. */
export function createManageProviders(deps: {
  readonly catalogue: ProviderCatalogue
  readonly setSetting: SetSetting
  readonly invoke: Invoke
}): ManageProviders {
  const { catalogue, setSetting } = deps

  const enabledRefusal = (
    view: ProviderView,
    instance: string | undefined,
    isEnabled: boolean,
    asked: Asked,
  ): Promise<Refusal | undefined> | Refusal => {
    const usual = view.instances.find((name) => name === view.provider || name === view.name)
    const [only, ...others] = view.instances
    const record = instance ?? usual ?? (others.length === 0 ? only : undefined)
    if (record === undefined && view.instances.length > 1) {
      const names = view.instances.map((name) => `${view.provider}/${name}`).join(', ')
      return refuse('validation_error', `${view.name} has several configurations: ${names}`, {
        field: 'name',
      })
    }
    if (record === undefined) {
      const key = `${view.capability}.${view.provider}.enabled`
      return setSetting({ key, value: String(isEnabled), ...asked })
    }
    return deps
      .invoke({ module: view.name, action: 'update', id: record, input: { enabled: isEnabled }, ...asked })
      .then((outcome) => (outcome.ok ? undefined : outcome))
  }

  return {
    async switchTo({ capability, provider, force, ...asked }) {
      const checked = await catalogue.check(capability, provider)
      if (!checked.ok) return checked
      if (!force) {
        const tests = await catalogue.test({ name: provider, capability })
        if (!tests.ok) return tests
        const failed = tests.value.find(({ status }) => status !== 'connected')
        if (failed !== undefined) return failing(capability, failed)
      }
      const refusal = await setSetting({ key: `${capability}.provider`, value: provider, ...asked })
      return refusal ?? catalogue.check(capability, provider)
    },
    async setEnabled({ name, isEnabled, ...asked }) {
      const [word = '', instance] = name.split('/', 2)
      const found = await catalogue.find(word)
      if (!found.ok) return found
      const refusal = await enabledRefusal(found.value, instance, isEnabled, asked)
      if (refusal !== undefined) return refusal
      const after = await catalogue.find(found.value.name)
      return after.ok ? accept(after.value) : after
    },
  }
}
