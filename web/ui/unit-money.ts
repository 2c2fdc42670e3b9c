/** A price in the major unit, with all of its digits: unit prices go down to a millionth. */
export const unitMoney = (price: string, currency: string): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency, maximumFractionDigits: 6 }).format(
    Number(price),
  )
