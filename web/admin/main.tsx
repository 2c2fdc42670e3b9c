import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from '@/data/query-client.ts'
import { mount } from '@/ui/mount.tsx'
import { createAdminRouter } from './router.tsx'

const client = createQueryClient()
mount(<RouterProvider router={createAdminRouter(client)} />, client)
