import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from '@/data/query-client.ts'
import { mount } from '@/ui/mount.tsx'
import { createPortalRouter } from './router.tsx'

const client = createQueryClient()
mount(<RouterProvider router={createPortalRouter(client)} />, client)
