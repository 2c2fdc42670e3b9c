/** Authenticated encryption of secrets at rest (AES-256-GCM). */
export interface Cipher {
  /** Encrypts; the context (`module.field.record id`) is bound in and must be given again. The text names its own format. */
  seal(plaintext: string, context: string): string
  /** Decrypts; throws a Fault when the text was altered or sealed by another key or for another context. */
  open(sealed: string, context: string): string
  /** What texts begin with that are sealed from now on; others wait for their rotation. */
  activePrefix(): string
}
