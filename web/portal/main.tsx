import { mount } from '@/ui/mount.tsx'

mount(<p>Portal</p>)
