const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}$/

/** True when a client's `X-Request-Id` may be passed on and shown in logs as it is. */
export const isRequestId = (text: string): boolean => wellFormed.test(text)
