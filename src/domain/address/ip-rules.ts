import type { FieldProblem } from '#contract/outcome.ts'
import { parseIpAddress } from './ip-address.ts'
import { judgeIpBlocks } from './ip-blocks.ts'

/** Which client addresses are served. */
export interface IpRules {
  /** A text that is no address is not admitted. */
  admits(address: string): boolean
}

/** Rules as written, judged: null where every address is admitted. */
export type JudgedIpRules =
  | { readonly ok: true; readonly rules: IpRules | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Judges the fields `allow_ips` and `deny_ips`. An address must be allowed, where anything is, and must not be denied. */
export function judgeIpRules(allowIps: unknown, denyIps: unknown): JudgedIpRules {
  const allowed = judgeIpBlocks(allowIps, 'allow_ips')
  const denied = judgeIpBlocks(denyIps, 'deny_ips')
  if (!allowed.ok || !denied.ok)
    return {
      ok: false,
      problems: [...(allowed.ok ? [] : allowed.problems), ...(denied.ok ? [] : denied.problems)],
    }
  if (allowed.blocks === null && denied.blocks === null) return { ok: true, rules: null }
  return {
    ok: true,
    rules: {
      admits(text) {
        const address = parseIpAddress(text)
        if (address === undefined || denied.blocks?.has(address) === true) return false
        return allowed.blocks === null || allowed.blocks.has(address)
      },
    },
  }
}

/** The rules of a stored record. What cannot be read admits nobody: a list that was meant to keep somebody out must not let all in. */
export function storedIpRules(allowIps: unknown, denyIps: unknown): IpRules | null {
  const judged = judgeIpRules(allowIps, denyIps)
  return judged.ok ? judged.rules : nobody
}

const nobody: IpRules = { admits: () => false }
