import { cancel, confirm, intro, isCancel, note, outro, password, spinner, text } from '@clack/prompts'
import { checkAnswers, type InitAnswers, initDefaults, testUpstream } from '#bootstrap/init.ts'
import type { GivenAnswers } from './init.ts'

const upstreamTimeoutMs = 5000

/** What the wizard was told. */
export interface AskedAnswers {
  readonly answers: InitAnswers
  readonly dataDirectory: string
}

class Cancelled extends Error {}

/** Asks for everything, with what is known already as the suggestion; undefined when the person gave up. */
export async function askForAnswers(
  given: GivenAnswers & { readonly dataDirectory: string },
): Promise<AskedAnswers | undefined> {
  intro('APIGate: put a price on your API')
  try {
    const asked = await askAll(given)
    note(summary(asked), 'This will be set up')
    if (!answerOf(await confirm({ message: 'Go on?' }))) throw new Cancelled()
    outro('Setting up')
    return asked
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    cancel('Nothing was set up.')
    return undefined
  }
}

async function askAll(given: GivenAnswers & { readonly dataDirectory: string }): Promise<AskedAnswers> {
  const dataDirectory = await ask('Where should the instance keep its data?', given.dataDirectory)
  const adminEmail = await ask('Your e-mail address, to sign in with', given.adminEmail, 'adminEmail')
  const adminPassword = given.adminPassword ?? (await askPassword())
  const upstreamUrl = await askUpstream(given.upstreamUrl)
  const routePath = await ask('Which paths go to it?', given.routePath ?? initDefaults.routePath, 'routePath')
  const planName = await ask('Name of the first plan', given.planName ?? initDefaults.planName, 'planName')
  const planRateLimit = await askNumber('Requests a minute (-1 is unlimited)', 'planRateLimit', given)
  const planRequests = await askNumber('Requests a month (-1 is unlimited)', 'planRequests', given)
  const planCurrency = await ask('Currency', given.planCurrency ?? initDefaults.planCurrency, 'planCurrency')
  const planPrice = await askNumber('Price a month in minor units (1000 is 10.00)', 'planPrice', given)
  return {
    dataDirectory,
    answers: {
      adminEmail,
      adminPassword,
      upstreamName: given.upstreamName ?? initDefaults.upstreamName,
      upstreamUrl,
      routeName: given.routeName ?? initDefaults.routeName,
      routePath,
      planName,
      planRateLimit,
      planRequests,
      planPrice,
      planCurrency,
    },
  }
}

async function askUpstream(suggestion: string | undefined): Promise<string> {
  for (;;) {
    const url = await ask('Address of the API to put behind the gateway', suggestion, 'upstreamUrl')
    const progress = spinner()
    progress.start(`Trying ${url}`)
    const { isReachable, message } = await testUpstream(url, upstreamTimeoutMs)
    if (isReachable) {
      progress.stop(message)
      return url
    }
    progress.error(message)
    if (answerOf(await confirm({ message: 'Use it anyway?', initialValue: false }))) return url
  }
}

async function ask(
  message: string,
  suggestion: string | undefined,
  name?: keyof InitAnswers,
): Promise<string> {
  const validate = (value: string | undefined): string | undefined => {
    const given = value?.trim() || suggestion || ''
    return name === undefined ? (given === '' ? 'is missing' : undefined) : problemOf(name, given)
  }
  const fallback = suggestion === undefined ? {} : { placeholder: suggestion, defaultValue: suggestion }
  return answerOf(await text({ message, validate, ...fallback })).trim()
}

async function askPassword(): Promise<string> {
  const validate = (value: string | undefined): string | undefined => problemOf('adminPassword', value ?? '')
  return answerOf(await password({ message: 'A password, at least 8 characters', validate }))
}

async function askNumber(
  message: string,
  name: 'planRateLimit' | 'planRequests' | 'planPrice',
  given: GivenAnswers,
): Promise<number> {
  const suggestion = String(given[name] ?? initDefaults[name])
  const validate = (value: string | undefined): string | undefined =>
    problemOf(name, Number(value?.trim() || suggestion))
  return Number(
    answerOf(await text({ message, placeholder: suggestion, defaultValue: suggestion, validate })),
  )
}

function problemOf(name: keyof InitAnswers, value: string | number): string | undefined {
  const blank = { adminEmail: '', adminPassword: '', upstreamUrl: '', ...initDefaults }
  return checkAnswers({ ...blank, [name]: value }).find((problem) => problem.field === name)?.reason
}

function answerOf<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Cancelled()
  return answer as Exclude<T, symbol>
}

function summary({ answers, dataDirectory }: AskedAnswers): string {
  const { planRateLimit, planRequests, planPrice, planCurrency } = answers
  return [
    `data      ${dataDirectory}`,
    `operator  ${answers.adminEmail}`,
    `upstream  ${answers.upstreamUrl}`,
    `route     ${answers.routePath}`,
    `plan      ${answers.planName}: ${planRateLimit} a minute, ${planRequests} a month, ${planPrice} ${planCurrency} (minor units)`,
  ].join('\n')
}
