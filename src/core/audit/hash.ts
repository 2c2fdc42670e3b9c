import { hash } from 'node:crypto'
import type { AuditEntry } from '#contract/audit.ts'

/** The fields that an entry's hash covers, in this order. */
export const hashedFields = [
  'chain',
  'seq',
  'at',
  'actor_kind',
  'actor_id',
  'operator_id',
  'action',
  'outcome',
  'module',
  'record_id',
  'changes',
  'request_id',
  'ip',
  'user_agent',
  'previous_hash',
] as const satisfies readonly (keyof AuditEntry)[]

/**
 * SHA-256, in hex, of the JSON array `["apigate-audit:v1", chain, seq, at, ...]` without spaces: texts, one whole number and nulls have
 * one way to be written there, and no value can run into the next one.
 */
export function hashOf(entry: Omit<AuditEntry, 'hash' | 'position'>): string {
  const values = hashedFields.map((name) => entry[name])
  return hash('sha256', JSON.stringify(['apigate-audit:v1', ...values]), 'hex')
}
