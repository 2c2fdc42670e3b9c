import { QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from '@/data/query-client.ts'
import { followNewerBuild } from './newer-build.ts'
import './theme.css'

/** Puts an application on the page. Styles that libraries add at run time carry the nonce of the answer. */
export function mount(application: ReactNode, client = createQueryClient()): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  if (nonce !== undefined) setNonce(nonce)
  followNewerBuild()
  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root')
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>{application}</QueryClientProvider>
    </StrictMode>,
  )
}
