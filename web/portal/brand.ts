const written = document.querySelector<HTMLMetaElement>('meta[name="brand"]')?.content ?? ''

/** What the product is called here, as the server wrote it into the page. */
export const brandName = (): string => (written === '' || written.startsWith('__') ? 'APIGate' : written)
