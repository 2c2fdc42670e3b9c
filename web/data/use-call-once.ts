import { useRef } from 'react'
import { call } from './api.ts'
import { type CallOnce, createCallOnce } from './call-once.ts'
import { randomKey } from './random-key.ts'

/** A sender for one form, for as long as that is open. */
export function useCallOnce(): CallOnce {
  const held = useRef<CallOnce>(undefined)
  held.current ??= createCallOnce(call, randomKey)
  return held.current
}
