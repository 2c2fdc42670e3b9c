import { ApiError } from './api.ts'

type Asker = () => Promise<boolean>

let asker: Asker | undefined
let typedForms = 0

/** True for what the server says once a session has ended; a wrong password, or a link that is used up, is refused in other words. */
export const isSessionOver = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401 && error.type === 'unauthorized'

/** Notes that something is typed in a form, until what it answers is called. */
export function holdTyped(): () => void {
  typedForms += 1
  return () => {
    typedForms -= 1
  }
}

/** Whether leaving the page would lose what somebody typed. */
export const hasTyped = (): boolean => typedForms > 0

/** Lets a page ask for a new sign-in above what is open, until what it answers is called. */
export function askAbove(ask: Asker): () => void {
  asker = ask
  return () => {
    if (asker === ask) asker = undefined
  }
}

/** Asks for a new sign-in where one is; undefined where no page can, else whether it came to one. */
export const signInAgain = (): Promise<boolean> | undefined => asker?.()
