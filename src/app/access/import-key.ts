import type { FieldProblem } from '#contract/outcome.ts'
import { isSlowKeyHash } from '#domain/key.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import type { KeyHash } from '#ports/hashing.ts'

const beginning = /^[\x21-\x7e]{6,32}$/
/** Every one of them is tried with an unknown key that begins like it. */
const mostAlike = 8

/** What is wrong with the hash and the beginning of a key that another system made, where they are brought. */
export async function importProblems(
  { input, records }: BehaviourContext,
  keyHash: Pick<KeyHash, 'isKnown'>,
): Promise<readonly FieldProblem[]> {
  const { key, key_digest: digest, key_prefix: prefix } = input
  if (typeof digest !== 'string')
    return prefix === undefined ? [] : [{ field: 'key_prefix', reason: 'goes with key_digest only' }]
  const problems: FieldProblem[] = []
  if (key !== undefined) problems.push({ field: 'key_digest', reason: 'cannot be given together with a key' })
  else if (!keyHash.isKnown(digest))
    problems.push({ field: 'key_digest', reason: 'must be a hash of bcrypt (cost 4 to 14) or PBKDF2' })
  if (typeof prefix !== 'string' || !beginning.test(prefix))
    problems.push({ field: 'key_prefix', reason: 'must be the first 6 to 32 characters of the key' })
  else if (await isCrowded(records, prefix))
    problems.push({
      field: 'key_prefix',
      reason: `must tell keys apart: ${mostAlike} keys that nobody has used yet begin like this`,
    })
  return problems
}

async function isCrowded(records: BehaviourContext['records'], prefix: string): Promise<boolean> {
  let count = 0
  for await (const { hash } of records.each('api_key', [{ field: 'prefix', op: 'eq', value: prefix }]))
    if (hash !== null && isSlowKeyHash(hash) && ++count >= mostAlike) return true
  return false
}
