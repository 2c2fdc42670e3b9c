import { formatUnitPrice } from '#domain/money.ts'

/** A price in the major unit, with all of its digits: unit prices go down to a millionth. */
export const unitMoney = (price: string, currency: string): string =>
  formatUnitPrice(price, currency).replace(' ', '\u00a0')
