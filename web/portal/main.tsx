import { RouterProvider } from '@tanstack/react-router'
import { createQueryClient } from '@/data/query-client.ts'
import { mount } from '@/ui/mount.tsx'
import { wearBrandColors } from './brand.ts'
import { createPortalRouter } from './router.tsx'

wearBrandColors()
const client = createQueryClient()
mount(<RouterProvider router={createPortalRouter(client)} />, client)
